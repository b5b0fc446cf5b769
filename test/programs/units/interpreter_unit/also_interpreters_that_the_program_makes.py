from rebeam import GenPy, Supervisor, call, child, receive, run_register_process


class Tries:
    import sys

    name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    interpreters = __import__(name)
    made = interpreters.create()
    try:
        failed = interpreters.run_string(made, "import _rebeam")
        result = failed.formatted if failed else "imported"
    except interpreters.RunFailedError as error:
        result = str(error)


class Actor(GenPy):
    name = "actor"

    @receive("tries")
    def tries(self):
        return Tries.result


def main():
    run_register_process(child(Actor, isolation="interpreter"))
    for text in (Tries.result, call("actor", "tries")[1]):
        print("cannot be used in an interpreter that the program makes" in text)


Supervisor(modules=[child(main, restart="temporary", significant=True)])

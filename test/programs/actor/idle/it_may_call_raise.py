from idler import Idler

from rebeam import GenPy, call, idle, run_register_process, sleep


class Raises(Idler):
    name = "raises"

    def quiet(self):
        print("overridden", call("idler", "add", "called")[0])
        raise ValueError("nothing happens")


class Slower(Idler):
    name = "slower"

    @idle(10)
    def other(self):
        pass


for each in (Idler, Raises, Slower):
    run_register_process(each)
sleep(1.5)
print([what for what, _, _ in call("slower", "seen")[1]])
sleep(1.5)


def refused(make):
    try:
        make()
    except (TypeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")


idle(1e306), idle(10**400), idle(1)  # for ever is fine
for bad in (0, -1, float("nan"), float("inf"), "1", True, None):
    refused(lambda: idle(bad))


def twice():
    class Two(GenPy):
        @idle(1)
        def a(self):
            pass

        @idle(2)
        def b(self):
            pass


refused(twice)

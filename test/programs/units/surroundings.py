import os
import sys

from rebeam import GenPy, call, child, receive, run_register_process

print("body")
os.environ["SET_BY_BODY"] = "yes"
sys.path.append(os.path.join(sys.argv[1], "extra"))
os.chdir(sys.argv[1])
started = __name__


def helper(x):
    return "helped", x


class Worker(GenPy):
    @receive("look")
    def look(self):
        import extra_module

        return [
            sys.argv[2:],
            os.environ["SET_BY_BODY"],
            extra_module.value,
            helper(3),
            type(self).__module__,
            os.path.basename(os.getcwd()),
            sys.executable == python,
            any(name.startswith(("REBEAM_UNIT", "BINDIR", "ROOTDIR")) for name in os.environ),
            sys.stdin.read(),
            started,
            os.getpid() == int(os.environ["MAIN"]),
        ]


python = sys.executable
if __name__ == "__main__":
    os.environ["MAIN"] = str(os.getpid())
    pid = run_register_process(child(Worker, isolation="process"))
    print(*call(pid, "look")[1])

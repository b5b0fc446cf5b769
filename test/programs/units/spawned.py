"""A unit has around it what a process that multiprocessing spawns has, and what Python keeps."""

import logging
import os
import resource
import sys
import threading
import warnings

from rebeam import GenPy, call, child, receive, run_register_process


class Own(Warning):
    pass


def around():
    """What this OS process, and its Python, has around it."""
    with open("/proc/thread-self/status") as file:
        status = dict(line.rstrip("\n").split(":", 1) for line in file)
    return {
        "umask": status["Umask"].strip(),
        "cores": status["Cpus_allowed"].strip(),
        "limits": [resource.getrlimit(each) for each in (resource.RLIMIT_NOFILE, 1, 4)],
        "nice": os.getpriority(os.PRIO_PROCESS, threading.get_native_id()),
        "groups": status["Groups"].split(),
        "folder": os.getcwd(),
        "environ": dict(os.environ),
        "flags": tuple(sys.flags),
        "options": (sys.warnoptions, sys._xoptions),
        "sys": (
            sys.getrecursionlimit(),
            sys.getswitchinterval(),
            sys.get_int_max_str_digits(),
            sys.dont_write_bytecode,
            sys.tracebacklimit,
        ),
        "warnings": [
            (action, getattr(message, "pattern", message), category.__qualname__, str(module), line)
            for action, message, category, module, line in warnings.filters
        ],
        "levels": [logging.getLogger(name).level for name in (None, "some", "some.part")],
        "handlers": [
            (type(each).__name__, each.level, each.formatter._fmt)
            for each in logging.getLogger().handlers
        ],
    }


class Look(GenPy):
    @receive("around")
    def around(self):
        return around()

    @receive("log")
    def log(self, message):
        logging.getLogger("some.part").info("from %s", os.getpid() != message)
        logging.getLogger("some").info("not this")
        warnings.warn("ours", Own, stacklevel=1)


def set_up():
    os.umask(0o027)
    os.nice(3)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    resource.setrlimit(resource.RLIMIT_NOFILE, (900, 1000))
    resource.setrlimit(4, (0, 0))
    os.chdir("/")
    os.environ["SET"] = "yes"
    sys.setrecursionlimit(1234)
    sys.setswitchinterval(0.25)
    sys.set_int_max_str_digits(5000)
    sys.dont_write_bytecode = True
    sys.tracebacklimit = 7
    warnings.filterwarnings("ignore", "a [b]", DeprecationWarning, "some", 3)
    warnings.simplefilter("error", Own)
    form = "%(levelname)s|%(name)s|%(message)s"
    logging.basicConfig(format=form, stream=sys.stdout, force=True)
    logging.getLogger().handlers[0].setLevel(logging.INFO)
    logging.getLogger("some").setLevel(logging.WARNING)
    logging.getLogger("some.part").setLevel(logging.INFO)


# A unit does this, too, and what set_up did counts.
warnings.simplefilter("ignore", Own)
logging.basicConfig(format="%(message)s", stream=sys.stdout)
if __name__ == "__main__":
    set_up()
    first = run_register_process(child(Look, name="first", isolation="process"))
    here, there = around(), call(first, "around")[1]
    print("differs:", [(key, here[key], there[key]) for key in here if here[key] != there[key]])
    print(call(first, "log", os.getpid())[1].splitlines()[-1])
    os.umask(0o077)  # and what it is when another child starts
    second = run_register_process(child(Look, name="second", isolation="process"))
    print(call(second, "around")[1]["umask"])

# ruff: noqa: F821
"""`__local_registry__` and `__global_registry__`, in this module and in one that it imports."""

import sys

import names_module

from rebeam import (
    GenPy,
    Supervisor,
    call,
    child,
    receive,
    register,
    register_global,
    run_register_process,
    whereis,
)


class Named(GenPy):
    @receive("seen")
    def seen(self):
        return names_module.seen("named"), __local_registry__.find("named") == whereis("named")

    @receive("name")
    def name(self, message):
        register(message)
        register_global(message)


def main():
    here = names_module.__local_registry__
    print(here is __local_registry__, __global_registry__, here)
    print(len(here), list(here), "named" in here, bool(here), here.find("named"))
    named = run_register_process(child(Named(), name="named", isolation=sys.argv[1]))
    print(len(here), list(here), "named" in here, 5 in here, here.find("named") == named)
    print(call(named, "seen")[1], len(__global_registry__))
    call(named, "name", "second")
    print(sorted(here), list(__global_registry__), __global_registry__.find("second") == named)
    print(names_module.later())


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])

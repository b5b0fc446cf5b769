from waiting import wait_until

from rebeam import (
    GenPy,
    call,
    child,
    receive,
    register,
    registered,
    run_register_process,
    unregister,
    whereis,
)


class Any(GenPy):
    @receive("register")
    def add(self, message):
        try:
            register(message)
            return "registered"
        except ValueError as error:
            return f"ValueError {error}"

    @receive("unregister")
    def drop(self, message):
        unregister(message)

    @receive("end")
    def end(self):
        import sys

        sys.exit(0)


a = run_register_process(child(Any(), restart="temporary"))
b = run_register_process(Any())
print(whereis("x"), call(a, "register", "x")[1], whereis("x") == a)
taken = call(b, "register", "x")[1]
print(taken.startswith("ValueError"), "'x'" in taken or '"x"' in taken)
call(b, "unregister", "x")
print(whereis("x") == a)
call(a, "register", "second")
call(a, "unregister", "x")
print(whereis("x"), whereis("second") == a, registered())
print(call(b, "register", "x")[1], call("x", "register", "y")[1], whereis("y") == b)
print(call(a, "end")[0])
wait_until(lambda: not a.alive() and not whereis("second"))
print(registered(), call("second", "end"))
for wrong in ("", None, 5):
    try:
        whereis(wrong)
    except TypeError:
        print("TypeError")

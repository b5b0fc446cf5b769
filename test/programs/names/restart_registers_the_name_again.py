from waiting import wait_until

from rebeam import GenPy, Status, call, receive, run_register_process, self_pid, whereis


class Named(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("who")
    def who(self):
        return self_pid()

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


first = run_register_process(Named("it"))
print(call("it", "crash")[0])
wait_until(lambda: call("it", "who")[0] is not Status.DOWN)
print(whereis("it") == first, call("it", "who")[1] == whereis("it"), first.alive())
try:
    run_register_process(Named("it"))
except RuntimeError as error:
    print("RuntimeError", "taken" in str(error), "<0." in str(error))
print(call("it", "who")[1] == whereis("it"))

from rebeam import (
    GenPy,
    ProcessID,
    call,
    child,
    receive,
    registered,
    run_register_process,
    self_pid,
    whereis,
)


class Named(GenPy):
    def __init__(self, name=None):
        if name is not None:
            self.name = name

    @receive("who")
    def who(self):
        return [self_pid() == ProcessID(), getattr(self, "name", None)]


class ByClass(Named):
    name = "by class"


a = run_register_process(Named("by attribute"))
b = run_register_process(child(Named(), name="by child"))
c = run_register_process(ByClass)
d = run_register_process(Named("attribute"), name="outer")
e = run_register_process(Named())
f = run_register_process(child(Named("inner"), name="größe 日本 \u2028"))
for name, pid in (
    ("by attribute", a),
    ("by child", b),
    ("by class", c),
    ("outer", d),
    ("größe 日本 \u2028", f),
):
    print(whereis(name) == pid, call(name, "who")[1])
print(
    whereis("attribute"), whereis("inner"), call(e, "who")[1], registered() == sorted(registered())
)
print([each for each in registered()])

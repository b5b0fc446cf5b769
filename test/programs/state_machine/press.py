from scripted import Scripted

from rebeam import Supervisor, call, child, registered, run_register_process


def drive():
    print(registered())
    for name in ("path", "class", "instance"):
        print(name, call(name, "press"), call(name, "press"))
    run_register_process("scripted.py", name="now")
    print(call("now", "press"))
    try:
        run_register_process(Scripted(), name="now")
    except RuntimeError as error:
        print(str(error).split("<")[0])


tree = Supervisor(modules=[child("scripted.py", name="path"), child(Scripted, name="class")])
Supervisor(
    modules=[
        tree,
        child(Scripted(), name="instance"),
        child(drive, restart="transient", significant=True),
    ]
)

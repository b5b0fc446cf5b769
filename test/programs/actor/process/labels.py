from rebeam import GenPy, call, child, receive, run_register_process, set_label, sleep, spawn


class Worker(GenPy):
    @receive("label")
    def label(self, message):
        set_label(message)

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


class Named(Worker):
    name = "named"


def function():
    sleep(60)


for item in (child(Worker), child(Named()), child(Worker, name="given"), child(function)):
    item.options["restart"] = "temporary"
    run_register_process(item)
spawn(function)
call("given", "label", "shard 3")
call("named", "crash")
call("given", "crash")
for bad in (3, None, "\ud800"):
    try:
        set_label(bad)
    except (TypeError, ValueError) as error:
        print(type(error).__name__)
set_label("the script")

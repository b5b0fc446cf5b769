from children_worker import Worker, last
from waiting import again

from rebeam import Supervisor, call, child, which_children


def drive():
    for name, *what in (
        ("a", "start_child", "top", child(Worker("c"), id="c")),
        ("a", "terminate_child", "top", "b"),
        ("a", "restart_child", "top", "b"),
        ("c", "terminate_child", "top", "a"),
        ("c", "restart_child", "top", "a"),
        ("a", "ids", "top"),
        ("a", "count_children", "top"),
        ("a", "terminate_child", "top", "a"),
        ("c", "restart_child", "top", "c"),
    ):
        status, value = call(name, "do", what)
        text = value if isinstance(value, (list, dict)) else str(value).strip().splitlines()[-1]
        print(name, what[0], status, str(text).split(":")[0])
    again("c", None)
    call("c", "do", ("terminate_child", "outer", "top"))
    print([each.state for each in which_children("outer")])


Supervisor(
    name="outer", modules=[Supervisor(name="top", modules=[Worker("a"), Worker("b")]), last(drive)]
)

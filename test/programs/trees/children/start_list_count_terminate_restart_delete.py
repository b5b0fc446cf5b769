from children_worker import Worker, ids, last

from rebeam import (
    Supervisor,
    child,
    count_children,
    delete_child,
    restart_child,
    start_child,
    terminate_child,
    whereis,
    which_children,
)


def drive():
    pid = start_child("top", Worker("b"))
    print(pid == whereis("b"), ids("top"))
    print(which_children("top")[2] == ("b", pid, "worker", "running"))
    print(count_children("top"))
    print(terminate_child("top", "b"), which_children("top")[2])
    print(whereis("b"), count_children("top"))
    new = restart_child("top", "b")
    print(new == whereis("b"), new != pid)
    print(terminate_child("top", new), delete_child("top", "b"), ids("top"))
    tree = start_child("top", Supervisor([Worker("c"), Worker()], name="inner"))
    print(ids("inner") == ids(tree), ids(tree), which_children("top")[2].kind)
    temporary = start_child("top", child(Worker(), id="temporary", restart="temporary"))
    terminate_child("top", temporary)
    print(ids("top"), count_children("top"))


Supervisor(name="top", modules=[Worker("a"), last(drive)])

"""Starting and ending children at run time (lib/rebeam/operation/children.ex).

All functions suspend the actor that calls them; a plain thread waits.

`sup` is a target as for `call`, of any supervisor: one that
Python declared, or one of Elixir's or Erlang's. The supervisor works one thing off at a
time. An actor may change the tree that it stands in itself; only from within its own
`@start` and `@stop` it cannot ask a supervisor that waits right then for this actor to
start or to end: that is a RuntimeError.

LookupError if there is no such supervisor or child, TypeError if the process is none,
RuntimeError if the supervisor refuses: the text begins with OTP's own word for it.
"""

from __future__ import annotations

from typing import NamedTuple

from rebeam import _isolation
from rebeam._addresses import GlobalName, Via
from rebeam._arguments import node_name, to
from rebeam._child import Child, Item, as_child, child
from rebeam._genpy import GenPy
from rebeam._native import ProcessID, Target, _op
from rebeam._specs import describe_child, describe_item
from rebeam._trees import Tree, claim


class ChildInfo(NamedTuple):
    """One line of `which_children`.

    id: of a child whose id is no text, what Elixir shows for it; pid: None unless there is a
    process; kind: "worker" or "supervisor"; state: "running", "restarting" (it failed, and
    waits for the end of its back-off or for another try), "standing by" (another node of the
    cluster runs it), "waiting" (there is no worker for it) or "stopped".
    """

    id: str
    pid: ProcessID | None
    kind: str
    state: str


def run_register_process(
    item: Item | Child, name: str | GlobalName | Via | None = None
) -> ProcessID:
    """Starts an item right now, supervised until the program ends. RuntimeError with the
    child's traceback if it does not start. Suspends."""
    each = as_child(item)
    if name is not None:
        each = each.named(name)
    claim(each.item)
    objects: list[object] = []
    described = describe_child(each, objects, set())
    pid: ProcessID = _op("children.run", described, objects=objects)
    return pid


def spawn_on(node: str, item: Item | Child, name: str | None = None) -> ProcessID:
    """Starts an actor or a function on another node right now, supervised there until its program
    ends: `run_register_process`, elsewhere. Suspends.

    node: a worker machine of this program (`rebeam join`), where it is as a child with `node=`:
    supervised here, with the definitions of this program, and started again elsewhere never. Or
    another program of the cluster, which makes it from what is called the same there: its class or
    function has to be importable there, or be in its own main.py. Or this program's own node.
    ConnectionError if it is none of these; RuntimeError with the child's traceback if it does not
    start; TypeError for a supervisor, and for what cannot be sent.
    """
    node = node_name(node)
    each = as_child(item)
    if isinstance(each.item, Tree):
        raise TypeError("spawn_on starts an actor or a function, not a supervisor")
    if name is not None:
        each = each.named(name)
    kind: str = _op("nodes.kind", node)
    if kind == "machine":
        return run_register_process(each.placed(node))
    if kind == "own":
        return run_register_process(each)
    described = describe_child(each, [], set())
    if "request" not in described:
        del described["recipe"]
        described |= _isolation.describe(each.item, each.recipe())
    pid: ProcessID = _op("children.run_on", node, {**described, "isolation": "shared"})
    return pid


def start_child(sup: Target, item: Item | Child) -> ProcessID:
    """Starts one more child of a supervisor, and waits until it has started.

    item: whatever `child` takes, or what it returned. Without an id of its own, the child
    gets one that is free; those of a DynamicSupervisor may be alike. Its `@start` may start
    others itself, of the same supervisor too: at this first start the supervisor does not wait
    for it. RuntimeError with the child's Python traceback if it does not start (it is removed
    again); "already_started" or "already_present" if the id is there; "max_children" with the
    number if a DynamicSupervisor is full. Suspends.
    """
    if isinstance(sup, (GenPy, Child)):
        raise TypeError("the supervisor comes first: start_child(supervisor, item)")
    objects: list[object] = []
    described, each = describe_item(item, objects)
    if each is not None:
        claim(each.item)
    pid: ProcessID = _op("children.start", _target(sup), described, objects=objects)
    return pid


def terminate_child(sup: Target, child: str | ProcessID) -> None:
    """Ends a child, within its shutdown time, and waits for that.

    child: its id or its ProcessID. It is not restarted; a Supervisor keeps it (but for a
    temporary one) for `restart_child`, a DynamicSupervisor forgets it. An actor that ends
    itself gets ActorExit here. Suspends.
    """
    _op("children.terminate", _target(sup), _child(child))


def restart_child(sup: Target, child: str | ProcessID) -> ProcessID:
    """Starts a child again that was ended, and waits until it has started.

    RuntimeError with the traceback if it does not start; "running" or "restarting" if it is
    not stopped. TypeError for a DynamicSupervisor, which forgets children that ended. Suspends.
    """
    pid: ProcessID = _op("children.restart", _target(sup), _child(child))
    return pid


def delete_child(sup: Target, child: str | ProcessID) -> None:
    """Makes a supervisor forget a child that was ended.

    RuntimeError "running" or "restarting" if it is not stopped. TypeError for a
    DynamicSupervisor, which forgets children that ended by itself. Suspends.
    """
    _op("children.delete", _target(sup), _child(child))


def which_children(sup: Target) -> list[ChildInfo]:
    """The children in their start order; a DynamicSupervisor's by their ProcessID. Suspends."""
    return [ChildInfo(*each) for each in _op("children.which", _target(sup))]


def count_children(sup: Target) -> dict[str, int]:
    """How many children there are: "specs" (all), "active" (with a process), "supervisors"
    and "workers" (of either kind, running or not). Suspends."""
    counts: dict[str, int] = _op("children.count", _target(sup))
    return counts


def _target(sup: Target) -> Target:
    return to(sup, "a supervisor")


def _child(child: str | ProcessID) -> str | ProcessID:
    if isinstance(child, (str, ProcessID)):
        return child
    raise TypeError(f"a child is told by its id (str) or its ProcessID, not {child!r}")


def stop_process(pid: ProcessID) -> bool:
    """Ends what `run_register_process` started, in order. False if it had ended before."""
    stopped: bool = _op("children.stop", pid)
    return stopped


def _start_block(tree: Tree) -> ProcessID:
    """Once: who runs a tree for a block is told if it gives up."""
    return run_register_process(child(tree, restart="temporary"))


def _stop_block(pid: ProcessID) -> str | None:
    """Why it had given up, if it had."""
    why: str | None = None if stop_process(pid) else _op("children.gave_up", pid)
    return why


Tree._start = staticmethod(_start_block)
Tree._stop = staticmethod(_stop_block)

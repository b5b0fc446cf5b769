"""Starting and ending children at run time (lib/rebeam/operation/children.ex).

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

from rebeam._native import ProcessID, _op
from rebeam._supervisor import Child, Item, child, claim, describe_child


def run_register_process(item: Item | Child, name: str | None = None) -> ProcessID:
    """Starts an item right now, supervised until the program ends. RuntimeError with the
    child's traceback if it does not start."""
    each = item if isinstance(item, Child) else child(item)
    if name is not None:
        each.options["name"] = name
    claim(each.item)
    objects: list[object] = []
    described = describe_child(each, objects, set())
    pid: ProcessID = _op("children.run", described, objects=objects)
    return pid


def stop_process(pid: ProcessID) -> bool:
    """Ends what `run_register_process` started, in order. False if it had ended before."""
    stopped: bool = _op("children.stop", pid)
    return stopped

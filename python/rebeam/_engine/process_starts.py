"""Has multiprocessing work inside the VM, without importing it for programs that do not.

Two of its modules are changed when they are imported:

  * `multiprocessing.spawn`: with the start methods spawn and forkserver a child imports main.py
    once more, under plain python and with its parent's sys.path. It has to find this package there.
  * `multiprocessing.context`: before 3.14 the start method is fork unless a program chooses one,
    and a fork would copy the VM without its threads. So it is forkserver here, as in 3.14; a fork
    that is asked for by name is an error (c_src/run/signals.c).
"""

from __future__ import annotations

import os
import sys
from typing import Any

_FOLDER = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def _find_package(spawn: Any) -> None:
    plain = spawn.get_preparation_data

    def get_preparation_data(name: str) -> dict[str, Any]:
        data: dict[str, Any] = plain(name)
        path = data.get("sys_path", sys.path)
        if _FOLDER not in path:
            data["sys_path"] = [*path, _FOLDER]
        return data

    spawn.get_preparation_data = get_preparation_data


def _start_by_forkserver(context: Any) -> None:
    default, contexts = context._default_context, context._concrete_contexts
    if default._default_context is contexts["fork"]:
        default._default_context = contexts["forkserver"]


CHANGES = {
    "multiprocessing.context": _start_by_forkserver,
    "multiprocessing.spawn": _find_package,
}
"""What is done with which module once it is loaded."""

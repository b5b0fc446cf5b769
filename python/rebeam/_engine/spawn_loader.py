"""Has the children of multiprocessing find this package.

With the start methods spawn and forkserver a child imports main.py once more, under plain python
and with its parent's sys.path; `import rebeam` would fail there. So when `multiprocessing.spawn` is
imported, as few programs do, this is its loader.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

_FOLDER = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


class SpawnLoader(SourceFileLoader):
    """Loads `multiprocessing.spawn`; its children's sys.path ends with this package's folder."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        plain = module.get_preparation_data

        def get_preparation_data(name: str) -> dict[str, Any]:
            data: dict[str, Any] = plain(name)
            path = data.get("sys_path", sys.path)
            if _FOLDER not in path:
                data["sys_path"] = [*path, _FOLDER]
            return data

        module.get_preparation_data = get_preparation_data  # type: ignore[attr-defined]

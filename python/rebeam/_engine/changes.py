"""Modules of other people's that are changed once they are loaded, without importing them for
programs that do not."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from types import ModuleType

from rebeam._engine import loop_signals, process_starts

CHANGES = {**process_starts.CHANGES, **loop_signals.CHANGES}
"""What is done with which module."""


class ChangingLoader(SourceFileLoader):
    """Loads a module that `CHANGES` names."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        CHANGES[module.__name__](module)

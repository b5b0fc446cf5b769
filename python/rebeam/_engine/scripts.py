"""The modules of several scripts in one VM.

Each script imports from its own folder, as under python; `sys.modules` is one for all. So where
two folders have a module of the same name, the script that came first has it under that name, and
the other one's is a module of its own under a longer one, its name and the folder's. `import` gives
each file the one beside it. `importlib.import_module`, which does not know who asks, gives the
first script's; another process does not find what the longer name stands for.

Folders are also those that Elixir names for an actor. With one folder nothing of this happens.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import ModuleType

from rebeam._engine import files

__all__ = ["add", "described", "folders", "forget", "own_name", "place"]

_plain_import = builtins.__import__
_abspath = os.path.abspath  # not what a detector of blocking calls may put there


class _Folders:
    def __init__(self) -> None:
        self._folders: list[str] = []
        self._paths: dict[str, str] = {}  # how files name a folder: as given, or resolved
        self._owners: dict[str, str] = {}  # a module's name: the first folder that has it
        self._names: dict[tuple[str, str], str] = {}  # (folder, module): its other name
        self._places: dict[str, tuple[str, str]] = {}  # and back
        self._contested: set[str] = set()

    def add(self, folder: str, path: str | None = None) -> None:
        """A script's folder; `path` names it in the `__file__` of the script."""
        self._paths[folder] = self._paths[path or folder] = folder
        if folder not in self._folders:
            self._folders.append(folder)
        if len(self._folders) > 1:
            for each in self._folders if len(self._folders) == 2 else [folder]:
                self._read(each)

    def forget(self, folder: str) -> None:
        """Of a script that came to nothing: its modules are not in the way of others' any more."""
        self._folders.remove(folder)
        self._paths = {path: each for path, each in self._paths.items() if each != folder}
        self._owners = {name: each for name, each in self._owners.items() if each != folder}
        for (place, module), name in list(self._names.items()):
            if place == folder:
                del self._names[place, module], self._places[name]
        self._contested = {module for _, module in self._names}

    def folders(self) -> list[str]:
        return list(self._folders)

    def described(self) -> list[tuple[str, str]]:
        """For units, which name modules alike if they `add` these in that order."""
        return [(folder, path) for path, folder in self._paths.items()]

    def _read(self, folder: str) -> None:
        for module in _modules(folder):
            if self._owners.setdefault(module, folder) != folder:
                name = module + re.sub(r"\W", "_", folder)
                self._names[folder, module] = name
                self._places[name] = folder, module
                self._contested.add(module)
        if self._contested:
            builtins.__import__ = self._import

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """What `import` calls; of a contested module, the one beside the file that imports it."""
        head, dot, rest = name.partition(".")
        if level == 0 and head in self._contested and globals is not None:
            folder = self._folder_of(globals.get("__file__"))
            name = self._names.get((folder, head), head) + dot + rest
        return _plain_import(name, globals, locals, fromlist, level)

    def _folder_of(self, file: object) -> str:
        """The innermost folder of ours that a file is in; "" for none."""
        folder = _abspath(file) if isinstance(file, str) else ""
        while folder and folder not in self._paths:
            above = os.path.dirname(folder)
            folder = above if above != folder else ""
        return self._paths.get(folder, "")

    def own_name(self, module: str, folders: Iterable[str]) -> str:
        """Under which name the module is, whose top is looked for in `folders` first."""
        head, dot, rest = module.partition(".")
        for folder in folders:
            if self._owners.get(head) == folder:
                break
            if (folder, head) in self._names:
                return self._names[folder, head] + dot + rest
        return module

    def place(self, name: str) -> tuple[str, str] | None:
        """The folder to find a top-level module in, and its name there; None for anywhere."""
        if name in self._contested:
            return self._owners[name], name
        return self._places.get(name)


def _modules(folder: str) -> list[str]:
    """The modules and packages that a folder, or an archive, has at its top, but for names of the
    standard library's: which of those it hides depends on what is imported already, as under
    python."""
    if files.far is not None and files.far.has(folder):
        from rebeam._engine import far  # on worker machines

        found: Iterable[str] = far.modules(folder)
    else:
        found = _in_folder(folder) if os.path.isdir(folder) else _in_archive(folder)
    return [name for name in found if name != "__main__" and name not in sys.stdlib_module_names]


def _in_folder(folder: str) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            name, ending = os.path.splitext(entry.name)
            # No list is made of a folder that may be large.
            package = ending == "" and os.path.isfile(os.path.join(entry.path, "__init__.py"))
            if package or ending in (".py", ".pyc"):
                yield name


def _in_archive(path: str) -> list[str]:
    import pkgutil  # when it is needed: few programs are archives

    return [each.name for each in pkgutil.iter_modules([path])]


_folders = _Folders()
add = _folders.add
described = _folders.described
folders = _folders.folders
forget = _folders.forget
own_name = _folders.own_name
place = _folders.place

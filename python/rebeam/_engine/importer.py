"""Loads a user's Python files so that their functions can be suspended.

Every function keeps the code object that CPython compiles for it. Besides, each module is compiled
a second time from a rewritten tree, and ``_rebeam.suspend_pair`` ties the functions of the second
to those of the first: their *twins*. Nothing in the module's namespace shows it. An ``async def``
needs no twin: its rewritten code takes the place of the plain one.

Which calls of a module may suspend depends on the names that suspend anywhere in the program, so
import statements are followed over the user's files before any of them runs. What is imported in
other ways is added when it comes; functions loaded earlier then still work, but hold a thread where
they wait.

User files are those below a *root*: the script's folder, and this package itself. Installed
packages and the standard library are left to the standard machinery.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Container, Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader, SourcelessFileLoader
from importlib.util import cache_from_source
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any
from zipimport import zipimporter

from _rebeam import suspend_pair
from rebeam._engine import cache, compiled, files, module_attributes, scripts
from rebeam._engine.cache import Source
from rebeam._engine.changes import CHANGES, ChangingLoader
from rebeam._engine.sources import compile_script
from rebeam._engine.twins import Compiled, compile_twins, needs_twins, scan
from rebeam._engine.user_files import program

if TYPE_CHECKING:
    import ast

__all__ = [
    "Loader",
    "compile_again",
    "forget_changed",
    "forget_new",
    "install",
    "load_script",
    "version",
    "with_typed_twins",
]


class Loader(SourceFileLoader):
    """The standard loader, with twins tied to what it compiles."""

    def get_data(self, path: str) -> bytes:
        if files.far is not None and files.far.has(path):
            return files.read(path)
        return super().get_data(path)

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        data = files.kept.get(path) or self.get_data(path)
        module_attributes.met(fullname, data)
        program.texts[path] = data
        source = program.follow(path, data)
        key = program.key(source)
        if not needs_twins(source.summary, key):
            return (
                self.source_to_code(data, path)
                if path in files.kept
                else super().get_code(fullname)
            )
        if source.compiled is None:
            source = cache.read(path, source.digest) or source
        found = source.compiled
        if found is None or found.plain is None or found.key != key:
            plain: CodeType = self.source_to_code(data, path)
            found = Compiled(key, plain, compile_twins(data, path, key))
            if path not in files.kept:
                cache.write(path, source._replace(compiled=found))
        # A module that is loaded again gets code objects of its own.
        program.keep(path, source._replace(compiled=None))
        if found.plain is not None and found.twins is not None:
            return suspend_pair(found.plain, found.twins)
        return found.plain

    def exec_module(self, module: ModuleType) -> None:
        module_attributes.expect(module.__name__, module.__dict__)
        super().exec_module(module)


class SourcelessLoader(SourcelessFileLoader):
    """The standard loader of ``.pyc`` files alone, whose functions have no twins."""

    def get_code(self, fullname: str) -> CodeType | None:
        module_attributes.met(fullname, self.get_data(self.path))
        return super().get_code(fullname)

    def exec_module(self, module: ModuleType) -> None:
        module_attributes.expect(module.__name__, module.__dict__)
        super().exec_module(module)


class ArchiveLoader(zipimporter):
    """The standard loader of zip archives, with twins tied to the one module that it loads, which
    has `name` in its archive."""

    def __init__(self, place: str, name: str) -> None:
        super().__init__(place)
        self._name = name

    def get_code(self, fullname: str) -> CodeType:
        module_attributes.met(fullname, (self.get_source(fullname) or "").encode(errors="replace"))
        code: CodeType = super().get_code(self._name)
        path = self.get_filename(fullname)
        found = (path, files.read(path)) if path.endswith(".py") else compiled.source_of(code, path)
        if found is None:
            return code
        program.texts[path] = found[1]
        return _with_twins(code, found[1], found[0])

    def exec_module(self, module: ModuleType) -> None:
        module_attributes.expect(module.__name__, module.__dict__)
        super().exec_module(module)

    def get_filename(self, fullname: str) -> str:
        return super().get_filename(self._name)

    def get_source(self, fullname: str) -> str | None:
        return super().get_source(self._name)

    def is_package(self, fullname: str) -> bool:
        return super().is_package(self._name)


def _find(
    fullname: str, path: Sequence[str] | None, target: ModuleType | None
) -> tuple[ModuleSpec | None, str]:
    """With what it is called where it is found."""
    place = scripts.place(fullname) if path is None else None
    if place is None:
        return _search()(fullname, path, target), fullname
    folder, name = place
    spec = _search()(name, [folder], target)
    if spec is not None:
        spec.name = fullname
    return spec, name


def _search() -> Callable[..., ModuleSpec | None]:
    if files.far is None:
        return PathFinder.find_spec
    from rebeam._engine import far  # on worker machines

    return far.search


class _Finder:
    """Finds what `PathFinder` finds, and gives user files their loader."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec, name = _find(fullname, path, target)
        if spec is None:
            return None
        if type(spec.loader) is SourceFileLoader:
            origin = spec.loader.path
            if program.is_user_file(origin) or (files.far is not None and files.far.has(origin)):
                spec.loader = Loader(fullname, origin)
            elif fullname in CHANGES:
                spec.loader = ChangingLoader(fullname, origin)
        elif type(spec.loader) is SourcelessFileLoader:
            if program.is_user_file(spec.loader.path):
                spec.loader = SourcelessLoader(fullname, spec.loader.path)
        elif isinstance(spec.loader, zipimporter):
            place = os.path.join(spec.loader.archive, spec.loader.prefix)
            if program.is_user_file(place):
                spec.loader = ArchiveLoader(place, name)
        return spec

    @staticmethod
    def invalidate_caches() -> None:
        """`PathFinder` is asked too; there is nothing here."""


# An import that fails shows no frames of importlib in its traceback: CPython cuts them out by
# their file name, and what does importlib's work counts as part of it.
_ours = [
    _find,
    _search,
    _Finder.find_spec,
    Loader.get_data,
    Loader.get_code,
    ArchiveLoader.get_code,
]
_ours += [each.exec_module for each in (Loader, SourcelessLoader, ArchiveLoader)]
for _each in _ours:
    _each.__code__ = _each.__code__.replace(
        co_filename=SourceFileLoader.get_code.__code__.co_filename
    )


def install(roots: Iterable[str] = ()) -> None:
    """Makes functions suspendable in modules below `roots` that are imported from now on.

    May be called again to add roots. Modules that were imported before stay as they are.
    """
    for root in roots:
        root = os.path.abspath(root)
        if root not in program.roots:
            program.roots.append(root)
    if _Finder in sys.meta_path:
        return
    place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
    sys.meta_path.insert(place, _Finder)


def roots() -> list[str]:
    """The folders whose modules' functions suspend."""
    return list(program.roots)


_version = 0


def version() -> int:
    """Another number each time that modules were forgotten."""
    return _version


def forget_changed() -> bool:
    """Before a script begins: user modules that have changed are imported anew, with all others of
    their folder, which may have what was in them. True if there were any."""
    global _version
    modules = _user_modules()
    changed = {path for path, _ in modules.values() if program.has_changed(path)}
    roots = {root for path, root in modules.values() if path in changed}
    for path in changed:
        with contextlib.suppress(OSError, NotImplementedError, ValueError):
            os.remove(cache_from_source(path))  # which holds for the second in which it was written
    _forget([name for name, (_, root) in modules.items() if root in roots])
    _version += bool(roots)
    return bool(roots)


def forget_new(known: Container[str], folder: str) -> None:
    """The modules of that folder that were imported since."""
    _forget(
        [
            name
            for name, (_, root) in _user_modules().items()
            if name not in known and root == folder
        ]
    )


def _user_modules() -> dict[str, tuple[str, str]]:
    """The names of those that there are: file and root."""
    found: dict[str, tuple[str, str]] = {}
    for name, module in list(sys.modules.items()):
        path: str | None = getattr(module, "__file__", None)
        if path is not None and not name.startswith("__") and (root := program.root(path)):
            found[name] = path, root
    return found


def _forget(names: Iterable[str]) -> None:
    for name in names:
        sys.modules.pop(name, None)
    importlib.invalidate_caches()


def load_script(
    path: str, change: Callable[[bytes], bytes] | None = None, data: bytes | None = None
) -> CodeType:
    """The code of a script, to be run as ``__main__``, so that its functions can be suspended.
    `change` may change its source, not its lines; `data` is what the file holds, if it was read.

    The script's folder should be a root already. Raises what ``python path`` would report:
    `OSError`, or `SyntaxError` and others from the compiler, or of a damaged ``.pyc`` file.
    """
    data = files.read(path) if data is None else data
    if compiled.is_compiled(path, data):
        plain = compiled.code_of(data)
        found = compiled.source_of(plain, path)
        if found is None:
            return plain
        path, data = found
    else:
        plain = compile_script(data, path)
    program.texts[path] = data
    if change is not None:
        data = change(data)
        plain = compile(data, plain.co_filename, "exec", dont_inherit=True)
    return _with_twins(plain, data, path)


def compile_again(path: str, data: bytes, tree: ast.Module | None = None) -> CodeType:
    """The code of a new text of a file that was loaded, or of `tree`, a part of it."""
    part: Any = data if tree is None else tree
    plain = compile(part, path, "exec", dont_inherit=True)
    return _tied(plain, program.follow(path, data), part)


def with_typed_twins(plain: CodeType, tree: ast.Module) -> CodeType:
    """The code of a statement that was typed at a prompt, whose tree is given."""
    source = program.follow_typed(scan(tree, plain.co_filename))
    return _tied(plain, source, tree)


def _with_twins(plain: CodeType, data: bytes, path: str) -> CodeType:
    """The code of a source, which is in that file."""
    return _tied(plain, program.follow(path, data), data)


def _tied(plain: CodeType, source: Source, text: bytes | ast.Module) -> CodeType:
    key = program.key(source)
    if not needs_twins(source.summary, key):
        return plain
    twins = compile_twins(text, plain.co_filename, key)
    return plain if twins is None else suspend_pair(plain, twins)

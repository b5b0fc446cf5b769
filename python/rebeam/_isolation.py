"""What a program takes along to its isolation units (lib/rebeam/units.ex).

*Requests*: an actor's class and arguments, or a function, as bytes from which a unit makes it; and
the *program*: its surroundings (`sys.path`, `sys.argv`, the environment) and which scripts define
what the requests name. What a unit does with both is in rebeam._program.units.
"""

from __future__ import annotations

import os
import types
from typing import Any

from rebeam import _items
from rebeam._engine import files, importer, mains, output, scripts
from rebeam._globals import named
from rebeam._native import _op, pack
from rebeam._recipe import Recipe

ISOLATIONS = ("shared", "interpreter", "process")

# The digest of the program whose unit this is; None in the main interpreter.
_unit_of: str | None = None

# What the main node was told last, and its digest.
_told: tuple[dict[str, Any], str] | None = None

_default: str | None = None


def inside() -> bool:
    """True in a unit."""
    return _unit_of is not None


def default() -> str:
    """The isolation of children that name none."""
    global _default
    if _default is None:
        _default = _op("units.default")
    return _default


def be_unit(digest: str, isolation: str) -> None:
    """This is a unit of that program from now on; `isolation` is the program's own default."""
    global _unit_of, _default
    _unit_of, _default = digest, isolation


# ---- requests ------------------------------------------------------------------------


def describe(item: Any, recipe: Any) -> dict[str, Any]:
    """What a child that starts elsewhere is described by, for lib/rebeam/trees.ex.

    TypeError, with the path to the part, if it cannot be sent.
    """
    return {"request": request(item, recipe), "program": _tell_program()}


def request(item: Any, recipe: Any) -> bytes:
    """What a unit makes the child of. TypeError, with the path to the part, if that cannot go."""
    try:
        return pack(("portable", pack(_portable(item, recipe)), mains.current_path()))
    except Exception as error:
        text = str(error).replace("value[2][0]", "arguments").replace("value[2][1]", "arguments")
        raise TypeError(
            f"{_items.label(item)} cannot start in an isolation unit: "
            f"{text.removeprefix('value[1]: ')} "
            f"(what a child is made from is sent there; functions and classes go by their name)"
        ) from error.__cause__  # what the error says itself is said here


def _portable(item: Any, recipe: Any) -> tuple[Any, ...]:
    if isinstance(item, types.ModuleType):
        return "module", item.__name__, getattr(item, "__file__", None)
    if isinstance(item, (str, os.PathLike)):
        return "path", os.path.abspath(item)
    if not isinstance(recipe, Recipe):
        return "call", named(item)
    cls, arguments = recipe.parts()
    return "actor", named(cls), arguments


# ---- the program ---------------------------------------------------------------------


def _tell_program() -> str:
    """The digest of the program as it is now; the main node knows what it stands for."""
    global _told
    if _unit_of is not None:
        return _unit_of
    mains.name_for_units()
    described = _describe_program()
    if _told is None or _told[0] != described:
        program = pack(described)
        digest = digest_of(program)
        output.by_line()  # what is printed here and there comes in its order
        _op("units.program", digest, program)
        _told = described, digest
    return _told[1]


def digest_now() -> str:
    """The digest of the program as it is now, which the main node is told."""
    return _tell_program()


def tell_again() -> None:
    """Something has changed: units that start from now on are to know, if there are any."""
    if _told is not None:
        _tell_program()


def digest_of(program: bytes) -> str:
    """What a packed program is called."""
    import hashlib  # which loads OpenSSL, for programs with units alone

    return hashlib.blake2b(program, digest_size=16).hexdigest()


def _describe_program() -> dict[str, Any]:
    from rebeam._engine import far, surroundings  # for programs that have units

    return surroundings.describe() | {
        "roots": importer.roots(),
        "isolation": default(),
        "mains": mains.known(),
        "kept": dict(files.kept),
        "version": importer.version(),
        "folders": scripts.described(),
        "files": far.described(importer.roots()),
        "follows": output.follows(),
        "given": mains.given_packed(),
    }

"""What stands in for the native half where there is no runtime: plain `python`, IDEs, linters.

There `import rebeam` works, classes of actors can be made and their methods called, and what needs
the runtime raises RuntimeError that says how to run the program.
"""

from __future__ import annotations

import ast
import os
import sys
import types
from collections.abc import Callable
from typing import Any, NoReturn, cast

from rebeam._engine.outside import unavailable
from rebeam._status import Status

__all__ = ["install"]

_ATOM_CHARACTERS_MAX = 255


def install() -> None:
    """From now on `_rebeam` is this."""
    sys.modules["_rebeam"] = _StandIn()


def _refuse(name: str) -> NoReturn:
    """Names the function that the user called, which may be one of this package."""
    __tracebackhide__ = True
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and _is_ours(frame):
        name = frame.f_code.co_qualname.removesuffix(".__init__").removesuffix(".__new__")
        frame = frame.f_back
    raise unavailable(name)


def _is_set_up() -> bool:
    """Whether a module of this package calls while it is imported: to hear of what never comes."""
    frame = sys._getframe(2)
    return frame.f_code.co_name == "<module>" and _is_ours(frame)


def _is_ours(frame: types.FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("rebeam.")


# ---- values --------------------------------------------------------------------------


class Response:
    """What `response_ok` and `response_error` make: `status` and `value`. False for an error."""

    __slots__ = ("_status", "_value")
    __hash__ = None  # type: ignore[assignment]  # as its value may have none
    _status: Status | None
    _value: Any

    def __new__(cls) -> Response:
        raise TypeError("cannot create 'rebeam.Response' instances")

    def __bool__(self) -> bool:
        return self._status is not Status.ERROR

    @property
    def status(self) -> Status | None:
        """Status.OK or Status.ERROR; None for `no_reply`."""
        return self._status

    @property
    def value(self) -> Any:
        """What the caller gets."""
        return self._value

    def __eq__(self, other: object) -> Any:
        if not isinstance(other, Response):
            return NotImplemented
        return self._status is other._status and self._value == other._value

    def __repr__(self) -> str:
        return "no_reply()" if self._status is None else f"response_{self._status}({self._value!r})"


def _response(status: Status | None, value: Any) -> Response:
    response: Response = object.__new__(Response)
    response._status, response._value = status, value
    return response


def response_ok(value: Any = None, /) -> Response:
    """Answer a call with Status.OK and `value`. Does not suspend."""
    return _response(Status.OK, value)


def response_error(value: Any = None, /) -> Response:
    """Answer a call with Status.ERROR and `value`. Does not suspend."""
    return _response(Status.ERROR, value)


def no_reply() -> Response:
    """Returned by a handler: the call is not answered now, but later, from anywhere, by
    reply(source, response). Does not suspend."""
    return _response(None, None)


class _Identity:
    """The bytes of an Erlang term; equal, hashed and pickled by them."""

    __slots__ = ("_bytes",)
    _bytes: bytes

    def __eq__(self, other: object) -> Any:
        return self._bytes == other._bytes if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __copy__(self) -> _Identity:
        return self

    def __deepcopy__(self, memo: object) -> _Identity:
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of another run>"


class _Ordered(_Identity):
    __slots__ = ()

    def __lt__(self, other: _Ordered) -> Any:
        return self._bytes < other._bytes if type(other) is type(self) else NotImplemented

    def __le__(self, other: _Ordered) -> Any:
        return self._bytes <= other._bytes if type(other) is type(self) else NotImplemented

    def __gt__(self, other: _Ordered) -> Any:
        return self._bytes > other._bytes if type(other) is type(self) else NotImplemented

    def __ge__(self, other: _Ordered) -> Any:
        return self._bytes >= other._bytes if type(other) is type(self) else NotImplemented


class ProcessID(_Ordered):
    """A process of the BEAM. ProcessID() is the calling actor's own."""

    __slots__ = ()

    def __new__(cls) -> ProcessID:
        _refuse("ProcessID")

    def __reduce__(self) -> Any:
        return _process_id, (self._bytes,)

    @property
    def node(self) -> str:
        """The name of the node that the process runs on."""
        return self._bytes[4 : 4 + self._bytes[3]].decode(errors="replace")

    def alive(self) -> bool:
        """Whether the process runs now."""
        _refuse("ProcessID.alive")


class Reference(_Ordered):
    """A unique reference of the BEAM."""

    __slots__ = ()

    def __new__(cls) -> Reference:
        raise TypeError("a Reference comes from Erlang and cannot be made")

    def __reduce__(self) -> Any:
        return _reference, (self._bytes,)


class Atom(_Ordered):
    """Atom(text): an Erlang atom. Sending it makes no new atom in the BEAM."""

    __slots__ = ()

    def __new__(cls, text: str) -> Atom:
        if len(text) > _ATOM_CHARACTERS_MAX:
            raise ValueError(f"an atom has at most {_ATOM_CHARACTERS_MAX} characters")
        return _atom(text.encode())

    def __reduce__(self) -> Any:
        return _atom, (self._bytes,)

    @property
    def text(self) -> str:
        """The atom's text."""
        return self._bytes.decode()

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Atom({self.text!r})"


class Term(_Identity):
    """An Erlang term that Python has no word for. It goes back unchanged."""

    __slots__ = ()

    def __new__(cls) -> Term:
        raise TypeError("a Term comes from Erlang and cannot be made")

    def __reduce__(self) -> Any:
        return _term, (self._bytes,)


def _rebuild(cls: type[Any], data: bytes) -> Any:
    identity = object.__new__(cls)
    identity._bytes = data
    return identity


def _process_id(data: bytes) -> ProcessID:
    pid: ProcessID = _rebuild(ProcessID, data)
    return pid


def _reference(data: bytes) -> Reference:
    reference: Reference = _rebuild(Reference, data)
    return reference


def _atom(data: bytes) -> Atom:
    atom: Atom = _rebuild(Atom, data)
    return atom


def _term(data: bytes) -> Term:
    term: Term = _rebuild(Term, data)
    return term


# Pickles of the real ones name these.
_REBUILD = (_process_id, _reference, _atom, _term)


# ---- the module ------------------------------------------------------------------------


def _told() -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """What the native half has, as type checkers know it."""
    try:
        stub = os.path.join(os.path.dirname(__file__), "..", "_native.pyi")
        with open(stub, encoding="utf-8") as file:
            return _parse(file.read())
    except OSError:
        return {}


def _parse(source: str) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    body = ast.parse(source).body
    return {each.name: each for each in body if isinstance(each, (ast.FunctionDef, ast.ClassDef))}


def _function(name: str, node: ast.FunctionDef | None) -> Callable[..., NoReturn]:
    """A function of that signature and docstring that refuses."""
    if node is None:
        source = f"def {name}(*args, **kwargs): 'Works inside the runtime only.'"
        node = cast("ast.FunctionDef", _parse(source)[name])
    body = f"__tracebackhide__ = True; _is_set_up() or _refuse({name!r})"
    node.body = node.body[:1] + ast.parse(body).body  # after the docstring, or "..."
    node.returns = None
    for each in ast.walk(node.args):
        if isinstance(each, ast.arg):
            each.annotation = None  # names that mean something in the stub alone
    namespace: dict[str, Any] = {"__name__": "_rebeam", "_refuse": _refuse}
    namespace["_is_set_up"] = _is_set_up
    exec(compile(ast.Module([node], []), "<rebeam outside its runtime>", "exec"), namespace)
    function: Callable[..., NoReturn] = namespace[name]
    return function


def _class(name: str, node: ast.ClassDef | None) -> type:
    """A class with those methods, which refuse; of one that is there for others to inherit from,
    instances can be made."""

    def refuse(cls: type, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse(name.lstrip("_"))

    members = [each.name for each in node.body if isinstance(each, ast.FunctionDef)] if node else []
    if node is None or node.decorator_list:  # @final
        members.append("__new__")
    own: dict[str, Any] = {"__module__": "rebeam", "__doc__": "Works inside the runtime only."}
    return type(name, (), {"__slots__": (), **dict.fromkeys(members, refuse), **own})


class _StandIn(types.ModuleType):
    """`_rebeam` without a runtime. What it does not have by itself is made when it is asked for,
    so that each new primitive has its stand-in."""

    outside = True

    def __init__(self) -> None:
        super().__init__("_rebeam", "Stands in for the native half of rebeam.")
        told = _told()
        self._functions = {
            name: node for name, node in told.items() if isinstance(node, ast.FunctionDef)
        }
        self._classes = {
            name: node for name, node in told.items() if isinstance(node, ast.ClassDef)
        }
        for each in (Atom, ProcessID, Reference, Response, Term):
            each.__module__ = "rebeam"
            setattr(self, each.__name__, each)
        for function in (response_ok, response_error, no_reply, *_REBUILD):
            function.__module__ = "_rebeam"
            setattr(self, function.__name__, function)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module '_rebeam' has no attribute {name!r}")
        made: object
        if name.lstrip("_")[:1].isupper():
            made = _class(name, self._classes.get(name))
        else:
            made = _function(name, self._functions.get(name))
        setattr(self, name, made)
        return made

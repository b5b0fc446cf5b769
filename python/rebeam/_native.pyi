"""The native half of the runtime, for type checkers. See c_src/embed/module.c."""

from collections.abc import Callable
from contextvars import Context
from types import FunctionType
from typing import Any, final

from rebeam._addresses import GlobalName, Via
from rebeam._status import Status

# A process, a registered name, (name, node), or one of the addresses.
Target = ProcessID | str | tuple[str, str] | GlobalName | Via

@final
class ProcessID:
    """A process of the BEAM. ProcessID() is the calling actor's own."""

    def __new__(cls) -> ProcessID: ...
    @property
    def node(self) -> str: ...
    def alive(self) -> bool: ...
    def __lt__(self, other: ProcessID) -> bool: ...
    def __le__(self, other: ProcessID) -> bool: ...
    def __gt__(self, other: ProcessID) -> bool: ...
    def __ge__(self, other: ProcessID) -> bool: ...

@final
class Reference:
    """A unique reference of the BEAM."""

    def __lt__(self, other: Reference) -> bool: ...
    def __le__(self, other: Reference) -> bool: ...
    def __gt__(self, other: Reference) -> bool: ...
    def __ge__(self, other: Reference) -> bool: ...

@final
class Atom:
    """Atom(text): an Erlang atom. Sending it makes no new atom in the BEAM."""

    def __new__(cls, text: str) -> Atom: ...
    @property
    def text(self) -> str: ...
    def __lt__(self, other: Atom) -> bool: ...
    def __le__(self, other: Atom) -> bool: ...
    def __gt__(self, other: Atom) -> bool: ...
    def __ge__(self, other: Atom) -> bool: ...

@final
class Term:
    """An Erlang term that Python has no word for. It goes back unchanged."""

@final
class Response:
    """What `response_ok` and `response_error` make: `status` and `value`. False for an error."""

    def __bool__(self) -> bool: ...
    @property
    def status(self) -> Status | None: ...
    @property
    def value(self) -> Any: ...

def call(
    target: Target,
    subject: str,
    message: Any = None,
    timeout: float | None = 5.0,
    interrupt: bool = False,
) -> tuple[Status, Any]:
    """Send a message and wait for the answer. Suspends.

    target: a ProcessID, a registered name, (name, node), a GlobalName or a Via. timeout: seconds,
    None for ever. interrupt: once the time is over, the target's work on this message ends too,
    see CallInterrupted; a message that it has not begun is withdrawn.
    Returns (status, response): see Status. Raises TypeError if the message cannot be sent,
    RuntimeError on a call to oneself.
    """

def cast(
    target: Target, subject: str, message: Any = None, sender_pid: Target | None = None
) -> bool:
    """Send a message and go on. Suspends only to look a name up.

    Returns False if the name or local process does not exist, or the actor has all the
    messages that its mailbox_limit allows. sender_pid: what the handler gets as `source`, None
    without it; its response is cast there under the same subject, unless it is no_reply().
    ProcessID() is the calling actor.
    """

def sleep(seconds: float) -> None:
    """Let the actor rest for that long. Suspends. time.sleep does the same in actor code."""

def response_ok(value: Any = None, /) -> Response:
    """Answer a call with Status.OK and `value`. Does not suspend."""

def response_error(value: Any = None, /) -> Response:
    """Answer a call with Status.ERROR and `value`. Does not suspend."""

def no_reply() -> Response:
    """Returned by a handler: the call is not answered now, but later, from anywhere, by
    reply(source, response). Does not suspend."""

@final
class Promise:
    @property
    def context(self) -> Context: ...
    def set_result(self, value: Any, /) -> bool: ...
    def set_exception(self, exception: BaseException, /) -> bool: ...

def _suspend(
    begin: Callable[[Promise], object], end: Callable[[Promise], object] | None = None, /
) -> Any: ...
def _initializer(function: FunctionType, /) -> Callable[..., None]: ...
def _kill_hard() -> None: ...
def _made(instance: object, /) -> bool: ...
def _type_version(cls: type, /) -> int: ...
def _refuse(exception: type[BaseException] | None, /) -> None: ...
def _on_ended(ended: Callable[[Context], bool], place: Callable[[Context], object], /) -> None: ...

@final
class Packed:
    """A message that is packed already."""

def pack(value: Any, root: str | None = ..., /) -> bytes: ...
def packed(value: Any, root: str | None = ..., /) -> Packed: ...
def unpack(packed: bytes | Packed, /) -> Any: ...
def _request(source: object, /) -> Term | None: ...
def _op(name: str, *args: Any, objects: list[object] = ...) -> Any: ...

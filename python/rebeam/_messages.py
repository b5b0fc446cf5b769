"""Messages beyond `call` and `cast` (lib/rebeam/operation/messages.ex).

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rebeam import _native
from rebeam._arguments import text, time_limit, to
from rebeam._native import ProcessID, Response, Target, _call_many, _op
from rebeam._status import Status

_Request = tuple[Target, str] | tuple[Target, str, Any]


def call_many(
    requests: Iterable[_Request], timeout: float | None = 5.0, interrupt: bool = False
) -> list[tuple[Status, Any]]:
    """Sends many messages, waits for all answers, and returns them in the order of `requests`.

    Each request is (target, subject, message), or (target, subject) without a message; targets
    are those of `call`, and each answer is what `call` would return. All are in flight at once.
    timeout: seconds for all together, None for ever; what is not answered by then is
    (Status.TIMEOUT, None). interrupt: then the work on those messages ends too, as with `call`.
    Raises TypeError for a message that cannot be sent, RuntimeError for a
    call to oneself; nothing was sent then. Suspends.
    """
    limit = time_limit(timeout, "timeout")
    asked = list(requests)
    if not isinstance(interrupt, bool):
        raise TypeError(f"interrupt must be True or False, not {interrupt!r}")
    answers: list[tuple[Status, Any]] | None = _call_many(asked, limit, interrupt) if asked else []
    if answers is not None:
        return answers
    packed = [_packed(request, f"requests[{n}]") for n, request in enumerate(asked)]
    what = (packed, _native._origin(), limit, interrupt)
    return [_answer(each) for each in _op("messages.call_many", *what)]


def gen_call(target: Target, request: Any, timeout: float | None = 5.0) -> tuple[Status, Any]:
    """Asks any OTP GenServer, as Elixir's `GenServer.call` does, and waits for its reply.

    target: as for `call`; Elixir modules have names such as "Elixir.My.Server". The request goes
    as natural Erlang terms (`Atom("x")` for atoms). timeout: seconds, None for ever. Returns
    (Status.OK, reply), whatever shape the reply has, (Status.TIMEOUT, None), or
    (Status.DOWN, reason). Raises TypeError if the request cannot be sent, ValueError for an atom
    that does not exist, RuntimeError on a call to oneself. Suspends.
    """
    packed = _native.packed(request, "request")
    limit = time_limit(timeout, "timeout")
    return _answer(_op("messages.gen_call", to(target), packed, limit))


def gen_cast(target: Target, request: Any) -> bool:
    """Tells any OTP GenServer, as `GenServer.cast` does, and goes on.

    Arguments and errors as for `gen_call`. False if the name or local process does not exist.
    Suspends.
    """
    sent: bool = _op("messages.gen_cast", to(target), _native.packed(request, "request"))
    return sent


def _packed(request: _Request, where: str) -> tuple[Target, str, _native.Packed]:
    if not isinstance(request, tuple) or len(request) not in (2, 3):
        raise TypeError(f"{where} must be (target, subject, message), not {request!r}")
    message = request[2] if len(request) == 3 else None
    packed = _native.packed(message, where + ".message")
    return to(request[0], where + ".target"), text(request[1], where + ".subject"), packed


def _answer(answer: tuple[str, _native.Packed]) -> tuple[Status, Any]:
    """(status, response), as `call` returns it."""
    status, packed = answer
    try:
        return Status(status), _native.unpack(packed)
    except Exception as error:  # a class that is not there, or one that refuses
        return Status.ERROR, str(error)


def send(target: Target, value: Any) -> bool:
    """Sends a plain message, as natural Erlang terms. False if the name does not exist.

    target: as for `call`. An actor gets it in `@info`. TypeError if it cannot be sent. Suspends.
    """
    sent: bool = _op("messages.send", to(target), _native.packed(value, "value"))
    return sent


def reply(source: ProcessID | None, response: Any = None) -> None:
    """Answers a call, or a cast with a `sender_pid`, whose handler returned `no_reply()`; from any
    actor or thread.

    source: what that handler got as its parameter `source`, or a copy that was sent or pickled.
    The message goes with that object and not with the process that it names: another ProcessID of
    the same process, though equal, does not do. response: response_ok(x), response_error(x), or
    a plain x for OK. Nothing happens if the call was answered before, or its time is over.
    A cast is answered as often as `reply` is called, each time by a cast.
    Raises TypeError for a response that cannot be sent, ValueError for a ProcessID that came with
    neither. Suspends.
    """
    if not isinstance(source, ProcessID):
        raise TypeError(f"reply() answers the `source` of a message, a ProcessID, not {source!r}")
    request = _native._request(source)
    if request is None:
        raise ValueError(f"{source!r} came with no call or cast: there is nothing to reply to")
    ok, value = True, response
    if isinstance(response, Response):
        if response.status is None:
            raise TypeError("reply() wants a response, and no_reply() is none")
        ok, value = response.status is Status.OK, response.value
    # The id goes before: the request may name a node that is new here only through it.
    _op("messages.reply", source, request, ok, _native.packed(value, "response"))

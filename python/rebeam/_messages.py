"""Messages beyond `call` and `cast` (lib/rebeam/operation/messages.ex).

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

from typing import Any

from rebeam._native import ProcessID, Response, _op, _request, pack
from rebeam._status import Status


def send(target: ProcessID | str, value: Any) -> bool:
    """Sends a plain message, as natural Erlang terms. False if the name does not exist."""
    sent: bool = _op("messages.send", target, value)
    return sent


def reply(source: ProcessID | None, response: Any = None) -> None:
    """Answers a call whose handler returned `no_reply()`; from any actor or thread.

    source: what that handler got as its parameter `source`, or a copy that was sent or pickled.
    The call goes with that object and not with the process that it names: another ProcessID of
    the same process, though equal, does not do. response: response_ok(x), response_error(x), or
    a plain x for OK. Nothing happens if the call was answered before, or its time is over.
    Raises TypeError for a response that cannot be sent, ValueError for a ProcessID that did not
    come with a call (of a cast, say).
    """
    if not isinstance(source, ProcessID):
        raise TypeError(f"reply() answers the `source` of a call, a ProcessID, not {source!r}")
    request = _request(source)
    if request is None:
        raise ValueError(f"{source!r} did not come with a call, so there is nothing to reply to")
    ok, value = True, response
    if isinstance(response, Response):
        if response.status is None:
            raise TypeError("reply() wants a response, and no_reply() is none")
        ok, value = response.status is Status.OK, response.value
    # The id goes before: the request may name a node that is new here only through it.
    _op("messages.reply", source, request, ok, pack(value, "response"))

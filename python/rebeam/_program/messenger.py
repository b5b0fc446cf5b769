"""Messages that somebody writes on the dashboard: an actor sends them (lib/rebeam/web)."""

from __future__ import annotations

import ast
from typing import Any

from rebeam._genpy import GenPy
from rebeam._marks import receive
from rebeam._native import ProcessID, Response, call, cast, response_error

_CUT = 10_000


class Messenger(GenPy):
    """Sends one message, and shows what comes of it."""

    @receive("send")
    def send(
        self, message: tuple[str, ProcessID | str, str, str, int]
    ) -> Response | tuple[str, str]:
        """(status, response), both as text; an error says what is wrong with the message."""
        kind, target, subject, text, seconds = message
        try:
            value = _read(text)
            if kind == "cast":
                return "sent" if cast(target, subject, value) else "not sent: nobody is there", ""
            status, response = call(target, subject, value, seconds)
        except (TypeError, ValueError, LookupError, RuntimeError) as error:
            return response_error(f"{type(error).__name__}: {error}")
        # Of who is down it is a traceback, which is read as it is.
        return str(status), response if status == "down" else _shown(response)


def _read(text: str) -> Any:
    try:
        return ast.literal_eval(text.strip()) if text.strip() else None
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(
            f"the message is a Python literal, such as 3, 'tea' or {{'n': [1, 2]}}, not {text!r}"
        ) from None


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception as error:
        return f"<its repr raised {type(error).__name__}>"
    return text if len(text) <= _CUT else text[:_CUT] + "..."

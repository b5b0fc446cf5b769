"""Messages beyond `call` and `cast` (lib/rebeam/operation/messages.ex).

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

from typing import Any

from rebeam._native import ProcessID, _op


def send(target: ProcessID | str, value: Any) -> bool:
    """Sends a plain message, as natural Erlang terms. False if the name does not exist."""
    sent: bool = _op("messages.send", target, value)
    return sent

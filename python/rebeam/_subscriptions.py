"""Topics: what is published goes to all who subscribe (lib/rebeam/operation/subscriptions.ex).

A topic is words with dots between them, such as "orders.berlin.new". In a pattern that is
subscribed to, `*` stands for one word, and `**` for any number of words, none too: "orders.*.new",
"orders.**". A message comes as a cast whose subject is the topic: `@receive("orders.berlin.new")`
handles it, or `@receive()`. Who matches by several patterns gets it once. What one actor, or one
thread, publishes comes in its order.

All functions suspend the actor that calls them; a plain thread waits. ValueError for what is no
topic: one with an empty word, or with `*` inside of a word.
"""

from __future__ import annotations

from typing import Any, Literal

from rebeam import _native
from rebeam._arguments import text, word
from rebeam._native import _op


def subscribe(
    topic: str, max_queue: int | None = None, when_full: Literal["drop", "stop"] = "drop"
) -> None:
    """The calling actor gets what is published to a topic, or to all topics of a pattern, until it
    ends. To subscribe again changes the terms.

    max_queue: a message that finds so many calls and casts waiting for the actor, of whatever kind,
    is not sent to it (nor is one for which its mailbox_limit has no room). when_full, what happens
    then. "drop": it is counted, see `dropped`. "stop": the subscription ends, and
    `Unsubscribed(topic)` arrives in `@info`. RuntimeError where no messages arrive: in functions,
    plain threads and the script's body. Suspends.
    """
    if max_queue is not None and (not isinstance(max_queue, int) or isinstance(max_queue, bool)):
        raise TypeError(f"max_queue must be a whole number or None, not {max_queue!r}")
    if max_queue is not None and not 1 <= max_queue < 2**59:
        raise ValueError(f"max_queue must be at least 1, not {max_queue!r}")
    policy = word(when_full, ("drop", "stop"))
    if policy is None:
        raise ValueError(f'when_full is "drop" or "stop", not {when_full!r}')
    most = None if max_queue is None else int.__index__(max_queue)
    _op("subscriptions.subscribe", _topic(topic), most, policy)


def unsubscribe(topic: str) -> bool:
    """The calling actor gets no more of it; what waits already still comes. topic: as it was given
    to `subscribe`. False if it had not subscribed to that. Suspends."""
    found: bool = _op("subscriptions.unsubscribe", _topic(topic))
    return found


def publish(topic: str, message: Any = None, local: bool = False) -> int:
    """Sends a message to all who subscribe to the topic, the calling actor too: on all connected
    nodes that run Re:BEAM, with local=True in this program alone. TypeError if it cannot be sent.

    Returns the number of subscribers that it went to; of those on other nodes, as many as are known
    here: some of them may drop it. It waits for no node that does not take messages. Suspends.
    """
    packed = _native.packed(message, "message")
    sent: int = _op("subscriptions.publish", _topic(topic), packed, bool(local))
    return sent


def dropped() -> dict[str, int]:
    """How many messages were dropped for the calling actor, by what it has subscribed to, since it
    did. Suspends."""
    counts: dict[str, int] = _op("subscriptions.dropped")
    return counts


def _topic(topic: str) -> str:
    return text(topic, "a topic")

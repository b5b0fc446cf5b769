"""Who hears of the messages that actors of this interpreter handle (c_src/actor/watched.h): the
flight recorder, and OpenTelemetry's spans. While nobody does, messages cost nothing for it.
"""

from __future__ import annotations

import contextlib
from typing import Any, Protocol

from rebeam import _errors
from rebeam._native import _watch

__all__ = ["Watcher", "watch"]


class Watcher(Protocol):
    """What hears; all of it in the actor's context."""

    def begins(
        self,
        instance: Any,
        work: str,
        subject: str | None,
        message: Any,
        source: Any,
        status: Any,
        trace: bytes | None,
    ) -> None:
        """A handler is called next: `work` is what for, as "call", "start"."""

    def raised(self, instance: Any, error: BaseException) -> None:
        """An exception has left it; it is over next."""

    def ends(self, instance: Any) -> None:
        """It is over."""


_watchers: list[Watcher] = []


def watch(watcher: Watcher, trace_now: Any = None) -> None:
    """From now on, also of the actors that are there. `trace_now` makes the trace that goes with
    what is sent here, as bytes."""
    global _trace_now
    _watchers.append(watcher)
    _trace_now = trace_now or _trace_now
    _watch(_begins, _ends, _trace_now)
    _errors.raised = _raised


_trace_now: Any = None


# The runtime's own.
_OURS = ("$rebeam.", "\0move\0", "\0arrived\0")


def _begins(*told: Any) -> None:
    if told[2] is not None and told[2].startswith(_OURS):
        return
    for watcher in _watchers:
        watcher.begins(*told)


def _ends(instance: Any) -> None:
    for watcher in reversed(_watchers):
        watcher.ends(instance)


def _raised(instance: Any, error: BaseException) -> None:
    with contextlib.suppress(Exception):  # the crash is what counts
        for watcher in reversed(_watchers):
            watcher.raised(instance, error)

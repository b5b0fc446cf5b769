"""OpenTelemetry: a span around each handler, whose parent is the span that was current where its
message was sent, in whatever actor, unit or program that was.

Only where the program has imported `opentelemetry.trace`: nothing is imported for it here, and it
is the program that sets up what becomes of spans, in units by the same lines of its script.
"""

from __future__ import annotations

import sys
from typing import Any

from rebeam import _errors
from rebeam._engine import outside, watching

__all__ = ["look"]

_API = "opentelemetry.trace"
_on = False


def look() -> None:
    """A class of actors is there: does the program trace?"""
    global _on
    if not _on and outside.INSIDE and _API in sys.modules:
        _on = True
        watching.watch(_Spans(), _trace_now)


def _trace_now() -> bytes:
    """The current span, as W3C's `traceparent` has it; empty if there is none."""
    api = sys.modules[_API]
    context = api.get_current_span().get_span_context()
    if not context.is_valid:
        return b""
    text = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
    return text.encode()


def _parent(api: Any, trace: bytes | None) -> Any:
    """The context that a span begins in; of what came without one, it is the first of its own."""
    from opentelemetry.context import Context  # the program has it

    if not trace:
        return Context()
    _, trace_id, span_id, flags = trace.decode().split("-")
    span = api.SpanContext(
        int(trace_id, 16),
        int(span_id, 16),
        is_remote=True,
        trace_flags=api.TraceFlags(int(flags, 16)),
    )
    return api.set_span_in_context(api.NonRecordingSpan(span), Context())


def _event(work: str, subject: str) -> tuple[str, str]:
    """What a state machine is asked for as a call (rebeam._statem), as what it is."""
    if not subject.startswith("\0"):
        return work, subject
    _, work, _, subject = subject.split("\0", 3)
    return "cast" if work in ("unsigned", "answer") else work, subject


class _Spans:
    """A watcher; of each actor that works, the span and what ends it."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[Any, Any]] = {}

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
        api: Any = sys.modules[_API]
        if isinstance(api.get_tracer_provider(), api.ProxyTracerProvider):
            return  # nobody has said what becomes of spans
        from opentelemetry import context

        work, subject = _event(work, subject or "")
        cls = type(instance).__qualname__
        kinds = {"call": api.SpanKind.SERVER, "cast": api.SpanKind.CONSUMER}
        attributes = {"rebeam.class": cls, "rebeam.work": work}
        if subject:
            attributes["rebeam.subject"] = subject
        name = getattr(instance, "name", None)
        if isinstance(name, str):
            attributes["rebeam.name"] = name
        parent = _parent(api, trace)
        span = api.get_tracer("rebeam").start_span(
            f"{cls}/{subject or '@' + work}",
            context=parent,
            kind=kinds.get(work, api.SpanKind.INTERNAL),
            attributes=attributes,
        )
        token = context.attach(api.set_span_in_context(span, parent))
        self._open[id(instance)] = span, token

    def raised(self, instance: Any, error: BaseException) -> None:
        found = self._open.get(id(instance))
        if found is not None and not isinstance(error, _errors.ActorExit):
            api: Any = sys.modules[_API]
            found[0].record_exception(error)
            found[0].set_status(api.Status(api.StatusCode.ERROR, str(error)))

    def ends(self, instance: Any) -> None:
        found = self._open.pop(id(instance), None)
        if found is not None:
            from opentelemetry import context

            context.detach(found[1])
            found[0].end()

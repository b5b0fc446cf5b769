"""Spans of a program that traces with OpenTelemetry, a JSON object a line: shop.py ISOLATION."""

import json
import os
import sys
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from waiting import wait_until

from rebeam import GenPy, GenStateMachine, Supervisor, call, call_async, cast, child, event, receive

ISOLATION: Any = sys.argv[1] if len(sys.argv) > 1 else "shared"
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "spans.txt")


class Lines(SpanExporter):
    """Each span a line, of all OS processes."""

    def export(self, spans):
        with open(FILE, "a") as file:
            for span in spans:
                told = {
                    "name": span.name,
                    "kind": span.kind.name,
                    "trace": span.context.trace_id,
                    "id": span.context.span_id,
                    "parent": span.parent and span.parent.span_id,
                    "status": span.status.status_code.name,
                    "attributes": dict(span.attributes),
                }
                file.write(json.dumps(told) + "\n")
        return SpanExportResult.SUCCESS


provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(Lines()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("shop")


class Front(GenPy):
    @receive("request")
    async def request(self, message):
        with tracer.start_as_current_span("inner"):
            return await call_async("orders", "order", message)


class Orders(GenPy):
    @receive("order")
    def order(self, message):
        answer = call("stock", "take", message)
        cast("door", "slam")
        return answer


class Stock(GenPy):
    @receive("take")
    def take(self, message):
        if message == 4:
            raise ValueError("no 4")
        return message


class Door(GenStateMachine):
    initial_state = "open"

    @event("slam", state="open")
    def slam(self):
        pass


def spans():
    with open(FILE) as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    children = [
        child(each, name=each.__name__.lower(), isolation=ISOLATION)
        for each in (Front, Orders, Stock)
    ]
    with Supervisor([*children, child(Door, name="door")]):
        with tracer.start_as_current_span("script"):
            print(call("front", "request", 3)[1][1][1])
        print(call("stock", "take", 4)[0])
        seen: Any = wait_until(lambda: spans() if len(spans()) == 8 else None)
    ids = {each["id"]: each for each in seen}
    for each in seen:
        above = ids.get(each["parent"], {})
        assert not above or above["trace"] == each["trace"]
        print(
            each["name"], "<", above.get("name"), each["kind"], each["status"], each["attributes"]
        )

"""HTTP in, and the dashboard: http.server of the standard library, a thread for each request.

A reading is acknowledged when it is on the disk. The same `id` again is the same reading, so a
client that got no answer sends it once more.
"""

import http.server
import json
import pathlib
from typing import Any

from store import readings, summary, take_in

from rebeam import cast, which_children

PAGE = pathlib.Path(__file__).with_name("page.html").read_bytes()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        try:
            key, sensor, value = parsed(self.rfile.read(length))
        except ValueError as error:
            return self.answer(400, {"error": str(error)})
        new = take_in(key, sensor, value)
        if new:
            cast("queue", "new", key)  # a queue that is not there reads the table when it is
        self.answer(202, {"id": key, "new": new})

    def do_GET(self) -> None:
        if self.path == "/":
            self.send(200, "text/html; charset=utf-8", PAGE)
        elif self.path == "/stats":
            self.answer(200, {**summary(), "workers": workers()})
        else:
            row = readings.get(self.path.removeprefix("/readings/"))
            self.answer(200 if row else 404, row or {"error": "no such reading"})

    def answer(self, status: int, value: Any) -> None:
        self.send(status, "application/json", json.dumps(value).encode())

    def send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def workers() -> int:
    """How many run."""
    try:
        return sum(each.state == "running" for each in which_children("pool"))
    except LookupError:  # at this moment there is no pool
        return 0


def parsed(body: bytes) -> tuple[str, str, float]:
    """ValueError, in words, for what is no reading."""
    reading = json.loads(body)
    match reading:
        case {"id": str(key), "sensor": str(sensor), "value": int() | float() as value}:
            return key, sensor, value
    raise ValueError('a reading is {"id": text, "sensor": text, "value": number}')

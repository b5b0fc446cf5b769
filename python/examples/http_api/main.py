"""A web API of the standard library's http.server, whose handlers call actors.

The server is one supervised function; each request runs on a thread of its own, as
always with ThreadingHTTPServer. State lives in actors. A request that crashes its actor
is answered with 500, and the next one finds a fresh actor.
"""

import http.server
import json
import urllib.error
import urllib.request
from typing import Any

from rebeam import GenPy, Response, Status, Supervisor, call, child, receive, response_error
from rebeam.testing import wait_until


class Stock(GenPy):
    name = "stock"

    def __init__(self) -> None:
        self.items = {"tea": 3}

    @receive("GET")
    def get(self, message: str) -> dict[str, int] | Response:
        if message not in self.items:
            return response_error(f"no item {message!r}")
        return {message: self.items[message]}

    @receive("POST")
    def take(self, message: str) -> dict[str, int]:
        self.items[message] -= 1  # KeyError for what there is not: this actor crashes
        return {message: self.items[message]}


STATUS = {Status.OK: 200, Status.ERROR: 404, Status.DOWN: 500, Status.TIMEOUT: 504}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self) -> None:
        status, response = call("stock", self.command, self.path.strip("/"))
        body = json.dumps(response if status else {"error": str(status)}).encode()
        self.send_response(STATUS[status])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *args: object) -> None:
        pass


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def request(method: str, item: str) -> tuple[int, Any]:
    url = f"http://127.0.0.1:{SERVER.server_port}/{item}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def client() -> None:
    print(*request("GET", "tea"))
    print(*request("POST", "tea"))
    print(*request("GET", "milk"))
    print(*request("POST", "milk"))
    wait_until(lambda: request("GET", "tea")[0] == 200)  # the supervisor starts a fresh one
    print(*request("GET", "tea"))
    SERVER.shutdown()


if __name__ == "__main__":
    with Supervisor([Stock, child(SERVER.serve_forever, id="server")]):
        client()

"""A web crawler over a local site: asyncio fetches, actors keep order.

The site is a small HTTP server of the standard library, under supervision as it is.
Fetchers are actors with `async def` handlers, so one of them reads many pages at a
time; the frontier is an actor that knows which pages were seen.
"""

import asyncio
import http.server
import re

from rebeam import GenPy, Supervisor, ask, ask_async, child, receive

PAGES = {
    "/": ["/a", "/b", "/missing"],
    "/a": ["/b", "/c"],
    "/b": ["/", "/c", "/d"],
    "/c": ["/d"],
    "/d": ["/a", "/e"],
    "/e": [],
}


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        links = PAGES.get(self.path)
        text = "".join(f'<a href="{link}">x</a>' for link in links or []).encode()
        self.send_response(404 if links is None else 200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: object) -> None:
        pass


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)


class Frontier(GenPy):
    """Which pages are to be read, and what was found."""

    def __init__(self) -> None:
        self.name = "frontier"
        self.seen = {"/"}
        self.found: dict[str, int] = {}

    @receive("new")
    def new(self, message: list[str]) -> list[str]:
        """The links that nobody has been given yet."""
        fresh = [link for link in message if link not in self.seen]
        self.seen.update(fresh)
        return fresh

    @receive("read")
    def read(self, message: tuple[str, int]) -> None:
        path, status = message
        self.found[path] = status

    @receive("found")
    def result(self) -> dict[str, int]:
        return self.found


async def fetch(path: str) -> tuple[int, list[str]]:
    """(status, links) of a page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", SERVER.server_port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    text = (await reader.read()).decode()
    writer.close()
    return int(text.split()[1]), re.findall('href="([^"]+)"', text)


class Crawler(GenPy):
    name = "crawler"

    @receive("crawl")
    async def crawl(self, message: str) -> None:
        status, links = await fetch(message)
        await ask_async("frontier", "read", (message, status))
        fresh = await ask_async("frontier", "new", links)
        # All pages that this one leads to, at the same time.
        await asyncio.gather(*[self.crawl(link) for link in fresh])


if __name__ == "__main__":
    with Supervisor([child(SERVER.serve_forever, id="site"), Frontier, Crawler]):
        ask("crawler", "crawl", "/", timeout=30)
        for path, code in sorted(ask("frontier", "found").items()):
            print(code, path)
        SERVER.shutdown()

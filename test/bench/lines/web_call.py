"""aiohttp's server, each of whose requests calls an actor, beside one of plain Python that does not."""

import asyncio
import functools

from bench.line import Goal, Line
from bench.lines import web

line = Line(
    "a web request, one call in it",
    "us",
    [Goal(1 / 0.7, "python", words="0.7 of python's requests")],
)
line.ours(4_000)(functools.partial(web.ours, web.calling))
line.entry("python", 4_000, "aiohttp")(lambda count: asyncio.run(web.served(web.plain, count)))

if __name__ == "__main__":
    line.serve()

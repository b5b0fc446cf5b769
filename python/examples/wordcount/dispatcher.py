"""The dispatcher hands out the files; a feeder carries them to each reader."""

import sys
from collections.abc import Callable
from typing import Any

from rebeam import GenPy, Response, Status, call, receive, response_ok, sleep, start


class Dispatcher(GenPy):
    """Gives every file to one feeder, and ends the program when all are done."""

    def __init__(self, files: list[str], top: int) -> None:
        self.name = "dispatcher"
        self.waiting = list(reversed(files))
        self.open = len(files)
        self.total = 0
        self.failed: list[tuple[str, str]] = []
        self.top = top

    @start()
    def boot(self) -> None:
        if self.open == 0:
            self.finish()

    @receive("next")
    def next_file(self) -> Response:
        return response_ok(self.waiting.pop() if self.waiting else None)

    @receive("done")
    def done(self, message: tuple[str, Status, Any]) -> None:
        path, status, response = message
        if status:
            self.total += response
        else:
            self.failed.append((path, response.strip().splitlines()[-1]))
        self.open -= 1
        if self.open == 0:
            self.finish()

    def finish(self) -> None:
        _, totals = call("reducer", "totals")
        ranked = sorted(totals.items(), key=lambda each: (-each[1], each[0]))
        for word, count in ranked[: self.top or None]:
            print(f"{count:7} {word}")
        print(f"{self.total} words, {len(totals)} different, {len(self.failed)} files failed")
        for path, reason in sorted(self.failed):
            print(f"failed: {path}: {reason}", file=sys.stderr)
        sys.exit(0)


def feeder(reader: str) -> Callable[[], None]:
    """A function that feeds one reader until no file is left."""

    def feed() -> None:
        while (path := next_file()) is not None:
            status, response = ask(reader, path)
            call("dispatcher", "done", (path, status, response), timeout=None)

    return feed


def next_file() -> str | None:
    """A file to be read; None when there is none, or the dispatcher has ended."""
    status, path = call("dispatcher", "next")
    return path if status else None


def ask(reader: str, path: str) -> tuple[Status, Any]:
    """Has a file read; waits for a reader that is just being restarted."""
    while True:
        status, response = call(reader, "read", path, timeout=None)
        if status is not Status.DOWN or response != "noproc":
            return status, response
        sleep(0.01)

"""A reader counts the words of one file at a time."""

import re
from collections import Counter

from rebeam import GenPy, ProcessID, Response, call, receive, response_error, response_ok

# What `tr -cs A-Za-z` takes for words, in lower case.
WORD = re.compile(r"[a-z]+")


class Reader(GenPy):
    def __init__(self, name: str) -> None:
        self.name = name

    @receive("read")
    def read(self, message: str, source: ProcessID) -> Response:
        # A file that is not UTF-8 raises here and ends this actor.
        with open(message, encoding="utf-8") as file:
            counts = Counter(WORD.findall(lower_ascii(file.read())))
        # Suspends until the reducer has added them; the thread is free meanwhile.
        status, response = call("reducer", "add", dict(counts))
        if not status:
            return response_error(response)
        return response_ok(sum(counts.values()))


def lower_ascii(text: str) -> str:
    """As `tr A-Z a-z`: other letters stay as they are."""
    return text.translate({upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)})

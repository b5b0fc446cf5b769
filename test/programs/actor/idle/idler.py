import time

from rebeam import GenPy, idle, info, receive, sleep

notes = {}


class Idler(GenPy):
    name = "idler"

    def __init__(self):
        self.seen = notes[self.name] = [("made", time.monotonic(), time.monotonic())]

    def note(self, what, begin=None):
        end = time.monotonic()
        self.seen.append((what, begin or end, end))

    @idle(0.3)
    def quiet(self):
        self.note("idle")

    @receive("seen")
    def all(self):
        return self.seen

    @receive("add")
    def add(self, message):
        self.note(message)

    @receive("sleep")
    def sleep(self, message):
        begin = time.monotonic()
        sleep(message)
        self.note("slept", begin)

    @receive("compute")
    def compute(self, message):
        begin = time.monotonic()
        while time.monotonic() < begin + message:
            pass
        self.note("computed", begin)

    @info()
    def plain(self, message):
        self.note(message)


def is_idle():
    "Whether that is the last that it noted; to ask it would be a message."
    return notes["idler"][-1][0] == "idle"


def judge(seen, late=10):
    """Idle once in each pause of 0.3 seconds, and in no other; the words without the rest."""
    for (what, _, end), (after, begin, _) in zip(seen, seen[1:]):
        pause = begin - end
        if after == "idle":
            assert what != "idle" and 0.3 <= pause < 0.3 + late, (seen, what, pause)
        elif what != "idle":
            assert pause < 0.3 + late, (seen, what, pause)
    return [what for what, _, _ in seen]

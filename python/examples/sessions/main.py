"""Sessions: one process for each user who is there, started when needed.

A DynamicSupervisor holds them. A session that nobody used for a while ends by itself; one
that crashes takes no other with it. There is room for three at a time.
"""

import sys

from rebeam import DynamicSupervisor, GenPy, ask, child, count_children, idle
from rebeam import receive, sleep, start_child, whereis


class Session(GenPy):
    def __init__(self, user: str) -> None:
        self.name = f"session of {user}"
        self.visits: list[str] = []

    @receive("visit")
    def visit(self, message: str) -> int:
        self.visits.append(message)
        return len(self.visits)

    @idle(0.3)
    def leave(self) -> None:
        sys.exit()  # an orderly end


def visit(user: str, page: str) -> int | str:
    """How many pages the user has seen, or why not."""
    if whereis(f"session of {user}") is None:
        try:
            start_child("sessions", child(Session(user), restart="temporary"))
        except RuntimeError as error:
            return "no room" if "max_children" in str(error) else str(error)
    seen: int = ask(f"session of {user}", "visit", page)
    return seen


def day() -> None:
    for user in ("ann", "ben", "ann", "cleo", "dan", "ben"):
        print(user, visit(user, "/home"))
    print("at once:", count_children("sessions")["active"])
    while count_children("sessions")["active"]:
        sleep(0.05)
    print("later, dan:", visit("dan", "/home"))


if __name__ == "__main__":
    with DynamicSupervisor(name="sessions", max_children=3):
        day()

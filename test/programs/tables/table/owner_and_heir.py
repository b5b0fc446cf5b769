"""Who may write to a table that is not public: its owner, its heir when that ended, who opens it next."""

import sys
import threading
from typing import Any

from waiting import wait_until

from rebeam import GenPy, ProcessID, Supervisor, Table, call, child, exit, info, receive, whereis

NAMES = ("first", "second", "third")


class User(GenPy):
    def __init__(self):
        self.heard = []

    @receive("open")
    def open(self, message):
        table = Table("private", public=False, heir=message)
        return table.owner()

    @receive("write")
    def write(self, message):
        try:
            Table("private", public=False)["x"] = message
        except PermissionError as error:
            return str(error)
        return Table("private", public=False).get("x")

    @info()
    def note(self, message):
        self.heard.append(message)

    @receive("heard")
    def what(self):
        return [(each.name, each.pid) for each in self.heard]


def ask(name, subject, message=None):
    status, answer = call(name, subject, message, timeout=30.0)
    assert status, answer
    return answer


def main():
    first, second, third = map(whereis, NAMES)
    refused = f'the table "private" is not public: its owner {first} alone writes to it'
    assert ask("first", "open", "second") == first
    assert ask("second", "open") == first
    assert (ask("first", "write", 1), ask("second", "write", 2)) == (1, refused)
    assert Table("private", public=False)["x"] == 1
    answers = []
    thread = threading.Thread(target=lambda: answers.append(denied()))
    thread.start()
    thread.join()
    assert answers == [refused]

    exit(first, "kill")  # it is started again, and is another process
    wait_until(lambda: ask("second", "heard") == [("private", first)])
    assert (ask("second", "write", 2), Table("private", public=False).owner()) == (2, second)

    exit(second, "kill")
    # Without an heir it is whose it is opened by: this function's.
    wait_until(lambda: Table("private", public=False).owner() == ProcessID())
    Table("private", public=False)["x"] = 4
    assert ask("third", "write", 3) == refused.replace(str(first), str(ProcessID()))
    assert third == whereis("third")
    print("right")


def denied():
    try:
        Table("private", public=False)["x"] = 3
    except PermissionError as error:
        return str(error)


if __name__ == "__main__":
    unit: Any = sys.argv[1]
    users = [child(User(), name=name, id=name, isolation=unit) for name in NAMES]
    Supervisor([*users, child(main, significant=True)])

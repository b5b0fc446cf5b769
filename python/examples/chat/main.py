"""A chat room: members join a group, and what one says goes to all.

The room is only a name: there is no server to be asked. A member who crashes has left
the group by itself, and joins again when the supervisor has started it again.
"""

from rebeam import GenPy, Supervisor, ask, broadcast, call, cast, join, members, receive, sleep
from rebeam import start

ROOM = "tea room"
NAMES = ["ann", "ben", "cleo"]


class Member(GenPy):
    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: list[str] = []

    @start()
    def enter(self) -> None:
        join(ROOM)

    @receive("say")
    def say(self, message: str) -> None:
        broadcast(ROOM, "said", (self.name, message))

    @receive("said")
    def hear(self, message: tuple[str, str]) -> None:
        speaker, text = message
        if text == "boo!":
            raise RuntimeError(f"{self.name} fainted")
        self.heard.append(f"{speaker}: {text}")

    @receive("heard")
    def log(self) -> list[str]:
        return self.heard


def wait_for_members(count: int) -> None:
    while len(members(ROOM)) != count:
        sleep(0.01)


def talk() -> None:
    wait_for_members(3)
    ask("ann", "say", "tea?")
    ask("ben", "say", "yes please")
    for name in NAMES:
        print(name, "heard", ask(name, "heard"))
    # Said to one only: cleo faints, and comes back without a memory.
    cast("cleo", "said", ("ann", "boo!"))
    while call("cleo", "heard")[1] != []:
        sleep(0.01)
    wait_for_members(3)
    ask("ann", "say", "sorry")
    print("cleo heard", ask("cleo", "heard"))


if __name__ == "__main__":
    with Supervisor([Member(name) for name in NAMES]):
        talk()

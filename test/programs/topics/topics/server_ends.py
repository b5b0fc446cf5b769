"""What is known of topics and groups outlives the processes that know it."""

from subscribers import Subscriber, begin, do
from waiting import wait_until

from rebeam import *

TOPICS = "Elixir.Rebeam.Topics.Subscriptions"


class Member(Subscriber):
    @start()
    def subscribe(self):
        super().subscribe()
        join("members")


def main():
    kept = [begin(Member, "a.*", "b", isolation=place) for place in ("shared", "process")]
    short = begin(Member, "a.*", "b")
    said = wait_until(lambda: len(members("members")) == 3 and publish("a.b"))
    for server in (TOPICS, "rebeam"):
        end_and_wait(server)
        print(said, do(kept[1], publish, "b"), publish("a.b"))
        wait_until(lambda: sorted(members("members")) == sorted([*kept, short]))
    print(do(kept[1], unsubscribe, "a.*"), publish("a.c"), do(short, leave, "members"))
    exit(short, "kill")
    wait_until(lambda: publish("a.c") == 1 and publish("b") == 2)
    join("members")
    print(len(members("members")), leave("members"), sorted(members("members")) == sorted(kept))
    do(kept[0], unsubscribe, "a.*")
    print(publish("a.c"), do(kept[0], dropped))


def end_and_wait(server):
    """Topics are started anew after groups are."""
    before = whereis(TOPICS)
    exit(server, "kill")
    wait_until(lambda: whereis(TOPICS) not in (None, before))


if __name__ == "__main__":
    main()

"""What those who monitor a group hear: each an actor of another kind, in each place."""

import sys

from group_actors import begin
from waiting import wait_until

from rebeam import *


class Watcher(GenPy):
    @start()
    def watch(self):
        self.ref, first = monitor_group("room")
        self.events = [Joined(self.ref, "room", each) for each in first]

    @info()
    def event(self, message):
        self.events.append(message)

    @receive("events")
    def all(self):
        return self.events

    @receive("ref")
    def own(self):
        return self.ref

    @receive("again")
    def again(self):
        return monitor_group("room")[1]

    @receive("over")
    def over(self, message):
        cast(message, "join", "room")
        wait_until(lambda: message in members("room"))
        self.events.clear()  # what comes of that waits behind this handler
        return demonitor_group(self.ref), demonitor_group(self.ref)


class AsyncWatcher(Watcher):
    @receive("events")
    async def all(self):
        return self.events


class Machine(GenStateMachine):
    initial_state = "only"

    @start()
    def watch(self):
        self.ref, first = monitor_group("room")
        self.events = [Joined(self.ref, "room", each) for each in first]

    @info()
    def heard(self, message):
        self.events.append(message)

    @event("events")
    def all(self):
        return self.events

    @event("ref")
    def own(self):
        return self.ref

    @event("over")
    def over(self, message):
        cast(message, "join", "room")
        wait_until(lambda: message in members("room"))
        self.events.clear()
        return demonitor_group(self.ref), demonitor_group(self.ref)


def main():
    one, two, three, four = begin(4)
    call(one, "join", "room")
    placed = [child(Watcher, restart="temporary", isolation=each) for each in sys.argv[1:]]
    watchers = [
        run_register_process(each)
        for each in [child(each, restart="temporary") for each in (Watcher, AsyncWatcher, Machine)]
        + placed
    ]
    wait_until(lambda: all(len(call(each, "events")[1]) == 1 for each in watchers))
    call(two, "join", "room")
    call(two, "join", "room")
    call(one, "leave", "room")
    call(two, "end", True)
    wait_until(lambda: not members("room"))
    call(three, "join", "room")
    wait_until(lambda: all(len(call(each, "events")[1]) == 5 for each in watchers))
    for watcher in watchers:
        ref, events = call(watcher, "ref")[1], call(watcher, "events")[1]
        wanted = [Joined(ref, "room", one), Joined(ref, "room", two), Left(ref, "room", one)]
        print(events == [*wanted, Left(ref, "room", two), Joined(ref, "room", three)])
    print(call(watchers[0], "again")[1] == [three])
    for watcher in watchers:
        over, ref = call(watcher, "over", four)[1], call(watcher, "ref")[1]
        print(over, [each for each in call(watcher, "events")[1] if each.ref == ref])
        call(four, "leave", "room")
    for attempt in (monitor_group, lambda group: demonitor_group(self_pid())):
        try:
            attempt("room")
        except Exception as error:
            print(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()

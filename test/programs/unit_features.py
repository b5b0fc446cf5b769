"""What an actor can do, a handler each: the answers are the same in every interpreter."""

import asyncio
import contextvars
import dataclasses
import datetime
import decimal
import sys
import threading
import time

from rebeam import *

count = 0
variable = contextvars.ContextVar("variable", default="unset")


class Odd(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


@dataclasses.dataclass
class Point:
    x: int
    y: int


class Peer(GenPy):
    """The other side. It is anywhere."""

    mailbox_limit = 20

    def __init__(self, name=None):
        if name:
            self.name = name
        self.kept, self.seen = [], []

    @receive("echo")
    def echo(self, message):
        return message

    @receive("slow")
    def slow(self, message):
        sleep(message)
        return "late"

    @receive("hold")
    def hold(self, message):
        Flag(message).set()
        sleep(3600)

    @receive("back")
    def back(self, message, source):
        return call(message, "echo", [source, ProcessID()])[1]

    @receive("keep")
    def keep(self, source):
        self.kept.append(source)
        return no_reply()

    @receive("answer")
    def answer(self, message):
        for source in self.kept:
            reply(source, message)
        return len(self.kept)

    @receive("note")
    def note(self, message):
        self.seen.append(message)

    @receive("seen")
    def all(self):
        return self.seen

    @receive("crash")
    def crash(self, message):
        raise Odd(message, 2)

    @receive("exit")
    def exit(self):
        sys.exit(0)

    @receive("refuse")
    def refuse(self):
        return response_error({"no": 1})

    @receive("global")
    def module_global(self):
        global count
        count += 1
        return count

    @receive("spin")
    def spin(self, message):
        cast(message, "note", "spins")
        while True:
            pass

    @receive("burn")
    def burn(self, message):
        begin = time.perf_counter()
        for _ in range(message):
            pass
        return begin, time.perf_counter()


def deep(peer, value):
    try:
        return deeper(peer, value) + 1
    finally:
        variable.set("deep")


def deeper(peer, value):
    return [deepest(peer, each) for each in (value, value + 1)][1] + 1


def deepest(peer, value):
    sleep(0.001)
    return call(peer, "echo", value)[1] + 1


def add(a, b):
    sleep(0.001)
    return a + b


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Feature(GenPy):
    def __init__(self, peer=None):
        self.peer = peer
        self.events, self.state["begun"] = [], False

    @start()
    def begin(self):
        self.state["begun"] = True

    @info()
    def event(self, message):
        self.events.append(message)

    @idle(0.05)
    def rest(self):
        self.events.append("idle")

    def until(self, condition):
        for _ in range(4000):
            if condition():
                return True
            sleep(0.005)
        return False

    @receive("peer")
    def set_peer(self, message):
        self.peer = message

    @receive("began")
    def began(self):
        return self.state["begun"]

    @receive("echo")
    def echo(self, message, status):
        if status is not None:  # the answer to a cast
            self.events.append((message, status.value))
        return message

    @receive("note")
    def note(self, message):
        self.events.append((message, None))

    @receive("calls")
    def calls(self):
        got = [call(self.peer, "echo", n) for n in range(200)]
        errors = call(self.peer, "refuse"), call(self.peer, "slow", 0.5, timeout=0.01)
        return all(got[n] == (Status.OK, n) for n in range(200)), [(s.value, r) for s, r in errors]

    @receive("self")
    def to_itself(self):
        return attempt(call, ProcessID(), "echo", 1)

    @receive("casts")
    def casts(self):
        peer = run_register_process(Peer())
        sent = [cast(peer, "note", n) for n in range(10)]
        cast(self.peer, "echo", "cast back", sender_pid=ProcessID())
        cast("nobody here", "x")
        return all(sent), call(peer, "seen")[1], cast("nobody here", "x")

    @receive("suspended three deep")
    def three_deep(self):
        return deep(self.peer, 10), variable.get()

    @receive("values")
    def values(self):
        sent = {
            "texts": ["", "\u00e9\U0001f600", b"\0\xff"],
            1: (2**100, -1.5, float("inf"), None, True),
            "set": {1, 2},
            "date": datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.UTC),
            "decimal": decimal.Decimal("1.10"),
            "point": Point(1, 2),
            "atom": Atom("ok"),
            "large": bytes(range(256)) * 1000,
        }
        got = call(self.peer, "echo", sent)[1]
        return got == sent and list(got) == list(sent) and type(got["point"]) is Point

    @receive("ids")
    def ids(self):
        own = ProcessID()
        back = call(self.peer, "echo", own)[1]
        return back == own and {back: 1}[own] == 1 and back.alive() and own == self_pid()

    @receive("where")
    def where(self):
        return threading.get_ident(), sys.argv, sys.executable, sys.prefix, sys.path

    @receive("timers")
    def timers(self):
        peer = run_register_process(Peer())
        send_after(0.01, peer, "note", "once")
        again = send_interval(0.005, peer, "note", "again")
        late = send_after(100, peer, "note", "never")
        came = self.until(lambda: call(peer, "seen")[1].count("again") > 2)
        left = cancel_timer(late)
        cancel_timer(again)
        return came, "once" in call(peer, "seen")[1], 90 < left < 100, cancel_timer(late)

    @receive("asyncio")
    async def awaits(self):
        async def one(n):
            await asyncio.sleep(0.01)
            return (await call_async(self.peer, "echo", n))[1]

        got = await asyncio.gather(*(one(n) for n in range(20)))
        return got == list(range(20)), call(self.peer, "echo", "plain")[1]

    @receive("tasks")
    def tasks(self):
        made = [async_(add, n, 1) for n in range(5)]
        failing = async_(lambda: 1 / 0, linked=False)
        streamed = list(async_stream(lambda n: add(n, 1), range(5)))
        values = [value for _, value in streamed]
        return [await_(task) for task in made], values, attempt(await_, failing).splitlines()[-1]

    @receive("spawn")
    def spawns(self):
        me = ProcessID()
        pid, ref = spawn_monitor(lambda: call(me, "echo", 1) and sys.exit(0))
        spawn(lambda: cast(me, "note", "spawned"))
        return type(pid).__name__, type(ref).__name__

    @receive("events")
    def all_events(self):
        plain = (str, tuple)
        return [it if isinstance(it, plain) else type(it).__name__ for it in self.events]

    @receive("monitor")
    def monitors(self):
        pid = run_register_process(child(Peer(), restart="temporary"))
        monitor(pid)
        status, reason = call(pid, "crash", 1)
        return status.value, reason.splitlines()[-1]

    @receive("restart")
    def restarts(self):
        name = f"restarted {ProcessID()}"
        run_register_process(Supervisor([child(Peer(name))], max_restarts=5))
        old = whereis(name)
        call(old, "note", 1)
        down = call(name, "crash", "one")[0].value
        new = self.until(lambda: whereis(name) not in (None, old))
        return down, new, call(name, "seen")[1]

    @receive("deferred")
    def deferred(self):
        waits = [async_(call, self.peer, "keep") for _ in range(3)]
        self.until(lambda: call(self.peer, "answer", "later")[1] >= 3)
        return [await_(each)[1] for each in waits]

    @receive("raises")
    def raises(self):
        return attempt(call, self.peer, 3), attempt(call, self.peer, "x", lambda: 1)

    @receive("context")
    def contexts(self):
        before = variable.get()
        variable.set(f"{before}!")
        call(self.peer, "echo")
        return variable.get() in ("unset!", "deep!")

    @receive("many")
    def many(self):
        return [r for _, r in call_many([(self.peer, "echo", n) for n in range(10)])]

    @receive("plain wait")
    def plain_wait(self):
        return sorted([3, 1, 2], key=lambda n: call(self.peer, "echo", n)[1])

    @receive("thread")
    def on_a_thread(self):
        got = []
        thread = threading.Thread(target=lambda: got.append(call(self.peer, "echo", 7)[1]))
        thread.start()
        self.until(lambda: got)
        thread.join()
        return got

    @receive("names")
    def names(self):
        name = f"named {ProcessID()}"
        register(name)
        found = whereis(name) == ProcessID(), name in registered()
        unregister(name)
        return *found, whereis(name)

    @receive("group")
    def groups(self):
        group = f"group {ProcessID()}"
        join(group)
        found = members(group) == [ProcessID()]
        broadcast(group, "note", "all")
        return found, leave(group)

    @receive("link")
    def links(self):
        trap_exit(True)
        pid = spawn_link(lambda: sys.exit(3))
        return self.until(lambda: not is_alive(pid))

    @receive("down")
    def down(self):
        pid = run_register_process(child(Peer(), restart="temporary"))
        exit(pid, "kill")
        self.until(lambda: not is_alive(pid))
        return call(pid, "echo")[0].value

    @receive("overload")
    def overload(self):
        """The bound of a mailbox shows to its senders."""
        pid = run_register_process(Peer())
        held = f"held {pid}"
        cast(pid, "hold", held)
        self.until(Flag(held).get)
        sent = [cast(pid, "note", n) for n in range(50)]
        answer = call(pid, "echo")[1]
        exit(pid, "kill")
        return sent.count(True), answer

    @receive("machine")
    def machine(self):
        pid = run_register_process(Door())
        return call(pid, "push")[1], call(pid, "push")[1]

    @receive("spin")
    def spin(self, message):
        cast(message, "note", "spins")
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass


class Door(GenStateMachine):
    initial_state = "closed"

    @event("push", state="closed")
    def opens(self):
        return next_state("open", "opens")

    @event("push", state="open")
    def closes(self):
        return next_state("closed", "closes")


class Runs(GenPy):
    """Runs what it is sent, and tells what it evaluates to."""

    @receive("exec")
    def run(self, message):
        found = {}
        try:
            exec(message, found)
        except BaseException as error:
            return f"{type(error).__name__}: {error}"
        return found.get("result")

    @receive("hold")
    def hold(self, message):
        """One call of C, which keeps the GIL for seconds."""
        return sum(range(message))

import asyncio
import ctypes
import socket
import threading
import time

from baseline import counts, settled
from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    async_,
    await_,
    broadcast,
    call,
    cast,
    child,
    exit,
    info,
    is_alive,
    join,
    no_reply,
    receive,
    reply,
    restart_child,
    run_register_process,
    send,
    sleep,
    terminate_child,
    whereis,
)
from rebeam._runtime import rebeam_info

libc = ctypes.CDLL(None)
lock = threading.Lock()
lock.acquire()
ours, theirs = socket.socketpair()
# The caller knows how its call ended. Before, a reply and the news of an end race each other: they
# come from two processes.
informed = threading.Event()
informed.set()


def loop():
    while True:
        pass


def swallow():
    while True:
        try:
            loop()
        except:
            pass


def swallow_base():
    while True:
        try:
            while True:
                try:
                    loop()
                except BaseException:
                    continue
        except BaseException:
            continue


def recurse():
    try:
        recurse()
    except RecursionError:
        loop()


def thread_sleep():
    list(map(time.sleep, [2.5]))  # where it cannot suspend


def receive_bytes():
    theirs.recv(1)


def acquire():
    lock.acquire()
    lock.release()


def c_sleep():
    left = 3600
    while left:  # early, when a signal came
        left = libc.sleep(left)


def c_poll():
    libc.poll(None, 0, 3_600_000)


def c_long():
    pow(7, 1_500_000)  # the GIL is held all the time
    loop()


def suspended():
    call("silent", "x", timeout=None)


def callback():
    sorted([1, 2], key=lambda n: call("silent", "x", timeout=None))


def generate():
    return sum(call("silent", "x", timeout=None)[1] for n in range(2))


# What is stuck in these functions of Python stays there: they wait again (PEP 475).
STUCK = {receive_bytes}
WORKS = {
    each.__name__: each
    for each in (
        loop,
        swallow,
        swallow_base,
        recurse,
        thread_sleep,
        receive_bytes,
        acquire,
        c_sleep,
        c_poll,
        c_long,
        suspended,
        callback,
        generate,
    )
}


class Target(GenPy):
    name = "target"

    @receive("work")
    def work(self, message, source):
        cast("sink", "begun")
        try:
            WORKS[message]()
        finally:
            self.haunt(source)

    def haunt(self, source):
        for act in (
            lambda: cast("sink", "late", "cast"),
            lambda: call("sink", "late", "call", 1),
            lambda: informed.wait() and reply(source, "late"),
            lambda: send(whereis("sink"), "late"),
            lambda: broadcast("group", "late", "broadcast"),
        ):
            try:
                act()
            except BaseException:
                pass
        return "late"

    @receive("async")
    async def task(self):
        cast("sink", "begun")
        loop()

    @receive("swallowing")
    async def swallowing(self):
        cast("sink", "begun")
        swallow()

    @receive("background")
    async def background(self):
        self.task = asyncio.create_task(self.compute())
        await asyncio.sleep(0.1)

    async def compute(self):
        cast("sink", "begun")
        await asyncio.sleep(0.2)
        swallow()

    @receive("echo")
    def echo(self, message):
        return message


class Sink(GenPy):
    name = "sink"

    def __init__(self):
        self.begun, self.heard = 0, []
        join("group")

    @receive("begun")
    def one(self):
        self.begun += 1

    @receive("late")
    def late(self, message):
        self.heard.append(message)

    @receive("report")
    def report(self):
        return self.begun, self.heard

    @info()
    def plain(self, message):
        self.heard.append(message)


class Silent(GenPy):
    name = "silent"

    @receive("x")
    def x(self):
        return no_reply()


def begin(subject, message):
    "The task that asks, once the target is at it."
    begun = call("sink", "report")[1][0]
    asked = async_(lambda: call("target", subject, message, None))
    assert wait_until(lambda: call("sink", "report")[1][0] > begun)
    if subject == "background":
        assert await_(asked)[0] == "ok"
        sleep(0.3)
    else:
        sleep(0.05)
    return asked


def replaced(before):
    return wait_until(lambda: whereis("target") not in (before, None)) and wait_until(
        lambda: call("target", "echo", 1) == ("ok", 1)
    )


def end(way):
    "Ends the target, has it started again, and tells how long its end took."
    pid, begin = whereis("target"), time.monotonic()
    if way == "kill":
        exit(pid, "kill")
    elif way == "tree":
        terminate_child("outer", "inner")
    else:
        terminate_child("inner", "target")
    assert wait_until(lambda: not is_alive(pid))
    took = time.monotonic() - begin
    if way == "tree":
        restart_child("outer", "inner")
    elif way != "kill":
        restart_child("inner", "target")
    assert replaced(pid)
    return took


def tree(shutdown):
    item = child(Target, id="target", shutdown=shutdown)
    inner = Supervisor([item], max_restarts=10**6, name="inner")
    run_register_process(Supervisor([child(inner, id="inner")], name="outer"))
    assert replaced(None)


def matrix(way, shutdown, limit):
    for each in (Sink, Silent):
        run_register_process(each)
    tree(shutdown)
    in_order = way != "kill" and shutdown != "brutal_kill"  # first, for its shutdown time
    before, stuck = counts(), 0
    names = [("work", name) for name in WORKS]
    for subject, name in [*names, ("async", None), ("swallowing", None), ("background", None)]:
        if not in_order:
            informed.clear()
        asked = begin(subject, name)
        took = end(way)
        if WORKS.get(name) is c_long:  # nothing of Python's runs meanwhile
            took = 0
        if subject != "background":
            status, reason = await_(asked, 30)
            answered = in_order and (status, reason) == ("ok", "late")
            assert answered or (status == "down" and "late" not in reason), (status, reason)
        informed.set()
        stuck += WORKS.get(name) in STUCK
        rest = wait_until(lambda: rebeam_info()["abandoned"] == stuck)
        print(name or subject, took < limit or took, rest, flush=True)
    ours.send(b"x" * 10)
    lock.release()
    free = wait_until(lambda: rebeam_info()["detached"] == rebeam_info()["abandoned"] == 0)
    heard = set(call("sink", "report")[1][1]) - ({"call"} if in_order else set())
    print(free, sorted(heard), settled(before), flush=True)


def last(function):
    Supervisor(modules=[child(function, restart="transient", significant=True)])

"""Trees, names and processes."""

from __future__ import annotations

import pathlib

import actors
import everything
from actors import Counter, Loud, Order, Shop

from rebeam import (
    ONE_FOR_ALL,
    ONE_FOR_ONE,
    REST_FOR_ONE,
    ActorExit,
    Atom,
    Child,
    ProcessID,
    Reference,
    Status,
    Supervisor,
    Term,
    call,
    cast,
    child,
    register,
    registered,
    run_register_process,
    self_pid,
    send,
    unregister,
    whereis,
)


def ask() -> None:
    status, answer = call("counter", "add", 1, interrupt=True)
    pid = whereis("counter")
    if pid is not None and pid.alive():
        status, answer = call(pid, "add", {"any": ["value"]}, timeout=None)
        sent: bool = cast(pid, "add", 1, sender_pid=self_pid())
        print(sent, answer, pid.node, status == "ok", status != "error", status in ("ok", "error"))
    status, answer = call(("counter", "shop@host"), "add")
    if not status and status is not Status.TIMEOUT:
        raise RuntimeError(answer)
    try:
        register("asker")
        names: list[str] = registered()
        print(sorted(names), {pid: 1}, pid == self_pid())
    except ActorExit:
        raise
    finally:
        unregister("asker")
    worker: ProcessID = run_register_process(Shop, name="shop")
    done: bool = send(worker, (Atom("tick"), Order("tea", 2))) and send("shop", Atom("x").text)
    print(done)


def keep(value: Reference | Term) -> str:
    return repr(value)


def main(path: str | pathlib.Path) -> Supervisor:
    counters = [Counter(number) for number in range(3)]
    kept: list[Child] = [child(each, id=f"counter {each.n}") for each in counters]
    return Supervisor(
        modules=[
            Loud(1),
            Shop,
            ask,
            actors,
            path,
            "script.py",
            lambda: print("once"),
            child(ask, name="ask", restart="transient", shutdown=2.5, significant=True),
            child(Shop, shutdown="brutal_kill", restart="temporary", thread="dedicated"),
            child(Supervisor(kept, strategy="rest_for_one"), id="kept", shutdown="infinity"),
            Supervisor(counters, REST_FOR_ONE, max_restarts=1, max_seconds=10, name="inner"),
            Supervisor([], strategy=ONE_FOR_ALL),
            everything.main(),
        ],
        strategy=ONE_FOR_ONE,
    )


if __name__ == "__main__":
    main("worker.py")

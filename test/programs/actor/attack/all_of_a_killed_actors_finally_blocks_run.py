from attack_echo import Echo
from waiting import wait_until

from rebeam import ONE_FOR_ALL, GenPy, Supervisor, call, cast, child, receive, sleep

done = []


class Victim(GenPy):
    name = "victim"

    @receive("go")
    def go(self):
        try:
            done.append("begun")
            sleep(100)
        finally:
            print("first", flush=True)
            try:
                call("echo", "echo", 1)
            finally:
                print("second", flush=True)
                done.append("second")


class Bomb(GenPy):
    name = "bomb"

    @receive("boom")
    def boom(self):
        raise ValueError("on purpose")


def main():
    cast("victim", "go")
    wait_until(lambda: done)
    cast("bomb", "boom")
    wait_until(lambda: "second" in done)


Supervisor(
    modules=[
        Echo,
        Supervisor(modules=[child(Victim(), shutdown="brutal_kill"), Bomb], strategy=ONE_FOR_ALL),
        child(main, restart="temporary", significant=True),
    ]
)

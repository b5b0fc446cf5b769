from attack_echo import Echo

from rebeam import ONE_FOR_ALL, GenPy, Supervisor, call, cast, child, receive, sleep


class Victim(GenPy):
    name = "victim"

    @receive("go")
    def go(self):
        try:
            cast("main", "ready")
            sleep(100)
        finally:
            print("first", flush=True)
            try:
                call("echo", "echo", 1)
            finally:
                print("second", flush=True)


class Bomb(GenPy):
    name = "bomb"

    @receive("boom")
    def boom(self):
        raise ValueError("on purpose")


def main():
    cast("victim", "go")
    sleep(0.3)
    cast("bomb", "boom")
    sleep(0.5)


Supervisor(
    modules=[
        Echo,
        Supervisor(modules=[child(Victim(), shutdown="brutal_kill"), Bomb], strategy=ONE_FOR_ALL),
        child(main, restart="temporary", significant=True),
    ]
)

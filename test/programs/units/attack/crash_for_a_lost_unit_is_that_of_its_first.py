import os

from rebeam import REST_FOR_ONE, GenPy, Supervisor, call, child, receive, sleep, whereis

names = [f"w{n}" for n in range(16)]


class Worker(GenPy):
    @receive("pid")
    def pid(self):
        return os.getpid()


def ask(name):
    while True:
        status, value = call(name, "pid")
        if status:
            return value
        sleep(0.02)


def main():
    where, before = {n: ask(n) for n in names}, {n: whereis(n) for n in names}
    unit = where["w3"]
    lost = [n for n in names if where[n] == unit]
    os.kill(unit, 9)
    while whereis("w15") in (None, before["w15"]):
        sleep(0.02)
    for n in names:
        ask(n)
    kept = [n for n in names if whereis(n) == before[n]]
    print(len(lost), kept == names[: names.index(lost[0])])


if __name__ == "__main__":
    Supervisor(
        [
            Supervisor(
                [child(Worker(), name=n, isolation="process") for n in names],
                strategy=REST_FOR_ONE,
                max_restarts=1,
            ),
            child(main, restart="transient", significant=True),
        ]
    )

import os

from waiting import replaced, wait_until

from rebeam import REST_FOR_ONE, GenPy, Supervisor, call, child, receive, whereis

names = [f"w{n}" for n in range(16)]


class Worker(GenPy):
    @receive("pid")
    def pid(self):
        return os.getpid()


def ask(name):
    return wait_until(lambda: (answer := call(name, "pid"))[0] and answer[1])


def main():
    where, before = {n: ask(n) for n in names}, {n: whereis(n) for n in names}
    unit = where["w3"]
    lost = [n for n in names if where[n] == unit]
    os.kill(unit, 9)
    replaced("w15", before["w15"])
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

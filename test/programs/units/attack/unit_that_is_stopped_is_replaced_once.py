import os

from waiting import freeze, wait_until

from rebeam import GenPy, Supervisor, call, child, receive


class Worker(GenPy):
    @receive("pid")
    def pid(self):
        return os.getpid()


def main():
    first = call("worker", "pid")[1]
    freeze(first)
    second = wait_until(lambda: (answer := call("worker", "pid"))[0] and answer[1])
    print(second != first, os.path.exists(f"/proc/{first}"))


if __name__ == "__main__":
    Supervisor(
        [
            child(Worker(), name="worker", isolation="process"),
            child(main, restart="transient", significant=True),
        ]
    )

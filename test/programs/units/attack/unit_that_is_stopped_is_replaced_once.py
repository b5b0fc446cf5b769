import os
import signal

from rebeam import GenPy, Supervisor, call, child, receive, sleep


class Worker(GenPy):
    @receive("pid")
    def pid(self):
        return os.getpid()


def main():
    first = call("worker", "pid")[1]
    os.kill(first, signal.SIGSTOP)
    while open(f"/proc/{first}/stat").read().split(") ")[1][0] != "T":
        sleep(0.01)
    while True:
        status, value = call("worker", "pid")
        if status:
            break
        sleep(0.1)
    print(value != first, os.path.exists(f"/proc/{first}"))


if __name__ == "__main__":
    Supervisor(
        [
            child(Worker(), name="worker", isolation="process"),
            child(main, restart="transient", significant=True),
        ]
    )

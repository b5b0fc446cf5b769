"""A watchdog: links, monitors and exits, without a supervisor.

It starts a probe, traps exits, and replaces the probe whenever it ends: a supervisor in
thirty lines, to show what one is made of. Use a Supervisor for real work.
"""

from rebeam import Exit, GenPy, ProcessID, Supervisor, ask, exit, info, is_alive, receive
from rebeam import sleep, spawn_link, start, trap_exit


def probe(number: int) -> None:
    """Ends in one of three ways, by its number."""
    if number == 1:
        raise ValueError("sensor unplugged")
    if number == 2:
        return
    while True:
        sleep(1)


class Watchdog(GenPy):
    def __init__(self) -> None:
        self.name = "watchdog"
        self.count = 0
        self.ends: list[str] = []

    @start()
    def begin(self) -> None:
        trap_exit(True)
        self.launch()

    def launch(self) -> None:
        self.count += 1
        self.probe = spawn_link(probe, self.count)

    @info()
    def ended(self, message: object) -> None:
        if isinstance(message, Exit) and message.pid == self.probe:
            self.ends.append(message.reason.strip().splitlines()[-1])
            self.launch()

    @receive("probe")
    def which(self) -> tuple[int, ProcessID]:
        return self.count, self.probe

    @receive("ends")
    def log(self) -> list[str]:
        return self.ends


def wait_for(number: int) -> ProcessID:
    pid: ProcessID
    while True:
        count, pid = ask("watchdog", "probe")
        if count == number:
            return pid
        sleep(0.01)


def operate() -> None:
    third = wait_for(3)
    print("the third is alive:", is_alive(third))
    exit(third, "kill")
    fourth = wait_for(4)
    exit(fourth, "shutdown")
    wait_for(5)
    for reason in ask("watchdog", "ends"):
        print("ended:", reason)


if __name__ == "__main__":
    with Supervisor([Watchdog]):
        operate()

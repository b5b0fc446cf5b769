"""Starts a command many times and sends it a signal at a random moment of its life.

    signal_at_random.py COUNT SIGNAL MASK -- COMMAND...

MASK: "blocked" as in watch.py; "mix" waits, before the random time begins, until Mix's VM has given
the signals up, which it does first of all in the task. The command prints "ready" and then runs
until it is ended, or starts again and again. Prints a line for each run whose status is not the
signal's: what it was, and when the signal was sent.
"""

import random
import signal
import subprocess
import sys
import time

LIMIT = 60


def main() -> None:
    count, name, mask = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    command = sys.argv[5:]
    number = signal.Signals[name]
    # Whoever runs the tests may ignore them.
    for each in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(each, signal.SIG_DFL)
    life = measure(command, mask)
    for _ in range(count):
        delay = random.uniform(0, 1.3 * life)
        child = start(command, mask)
        try:
            child.wait(delay)
        except subprocess.TimeoutExpired:
            child.send_signal(number)
        try:
            _, err = child.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            child.kill()
            _, err = child.communicate()
        if child.returncode not in (-number, 128 + number) or b"BREAK" in err:
            print(f"{child.returncode} at {delay:.3f} of {life:.3f}: {err.decode()[-2000:]!r}")


def start(command: list[str], mask: str) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=block if mask == "blocked" else None,
    )
    if mask == "mix":
        # ERTS catches one of its own first, and SIGTERM a moment later.
        both = (signal.SIGUSR1, signal.SIGTERM)
        wait_for(child, lambda caught: all(caught & 1 << each - 1 for each in both))
        wait_for(child, lambda caught: caught & 1 << signal.SIGTERM - 1 == 0)
    return child


def block() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


def wait_for(child: "subprocess.Popen[bytes]", holds) -> None:
    while child.poll() is None:
        with open(f"/proc/{child.pid}/status") as file:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in file)
        if holds(int(fields["SigCgt"], 16)):
            return
        time.sleep(0.001)


def measure(command: list[str], mask: str) -> float:
    """How long it takes until it is ready."""
    child = start(command, mask)
    begin = time.monotonic()
    assert child.stdout is not None
    if not any(b"ready" in line for line in child.stdout):
        sys.exit(f"it ended with {child.wait()}, and never was ready")
    life = time.monotonic() - begin
    child.kill()
    child.communicate()
    return life


if __name__ == "__main__":
    main()

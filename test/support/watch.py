"""Runs a command for Rebeam.Program: files for its output, a deadline, things to do on the way.

    watch.py FOLDER SECONDS PTY MASK [WHEN WHAT ARGUMENT]... -- COMMAND...

PTY: "pty" for a terminal. MASK: "blocked" has the command start with SIGTERM blocked, as
Re:BEAM's loader does for the VM that it starts.

WHEN is a text to wait for on standard output (each after the one before), WHAT is
`signal` with the signal's name, `type` with text for standard input, `eof`, `hangup`, which
closes the terminal, or `command` with a command for the shell, whose end is waited for.
Leaves `stdout`, `stderr` and `ended` in FOLDER: "exit N", "signal NAME", "deadline".
"""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
import time

STEP = 0.005
hung_up = threading.Event()


def main() -> None:
    folder, seconds, terminal, mask, *rest = sys.argv[1:]
    split = rest.index("--")
    plan, command = rest[:split], rest[split + 1 :]
    signal.signal(signal.SIGFPE, signal.SIG_DFL)  # the VM of the tests ignores it, no shell does
    # nohup, or a shell in the background, may have started the tests.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    actions = [plan[i : i + 3] for i in range(0, len(plan), 3)]
    with open(f"{folder}/stdout", "wb") as out, open(f"{folder}/stderr", "wb") as err:
        child, keyboard, drain = (start_on_pty if terminal == "pty" else start)(
            command, out, err, f"{folder}/stdin", mask == "blocked"
        )
        ended = watch(child, keyboard, actions, f"{folder}/stdout", time.time() + float(seconds))
        drain(ended == "deadline")
    with open(f"{folder}/ended", "w") as file:
        file.write(ended)


def start(command, out, err, stdin, blocked):
    """With a file for standard input if there is one; else a pipe that `type` and `eof` use."""
    source = open(stdin, "rb") if os.path.exists(stdin) else subprocess.PIPE  # noqa: SIM115
    child = subprocess.Popen(
        command,
        stdin=source,
        stdout=out,
        stderr=err,
        start_new_session=True,
        preexec_fn=block_signals if blocked else None,
    )
    keyboard = None if child.stdin is None else os.dup(child.stdin.fileno())
    if child.stdin is not None:
        child.stdin.close()
    return child, keyboard, lambda late: None


def start_on_pty(command, out, _err, _stdin, blocked):
    """Standard input, output and errors are a terminal that the child is in charge of."""
    master, slave = pty.openpty()

    def take_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        if blocked:
            block_signals()

    child = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=take_terminal,
    )
    os.close(slave)

    def copy():
        try:
            while not hung_up.is_set():
                if select.select([master], [], [], 0.02)[0]:
                    data = os.read(master, 65536)
                    if not data:
                        return
                    out.write(data)
                    out.flush()
            os.close(master)
        except OSError:  # the other side is closed
            pass

    copier = threading.Thread(target=copy, daemon=True)
    copier.start()
    return child, master, lambda late: copier.join(1 if late else 30)


def block_signals():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


def watch(child, keyboard, actions, stdout, deadline):
    place = 0
    while child.poll() is None:
        if time.time() > deadline:
            child.kill()
            child.wait()
            return "deadline"
        if actions:
            with open(stdout, "rb") as file:
                seen = file.read()
            when, what, argument = actions[0]
            found = seen.find(when.encode(), place)
            if found >= 0:
                place = found + len(when.encode())
                act(child, keyboard, what, argument)
                actions.pop(0)
                continue
        time.sleep(STEP)
    if child.returncode < 0:
        return f"signal {signal.Signals(-child.returncode).name}"
    return f"exit {child.returncode}"


def act(child, keyboard, what, argument):
    if what == "signal":
        child.send_signal(getattr(signal, argument))
    elif what == "type":
        os.write(keyboard, argument.encode())
    elif what == "eof":
        os.close(keyboard)
    elif what == "hangup":
        hung_up.set()
    elif what == "command":
        subprocess.run(argument, shell=True, check=False)


if __name__ == "__main__":
    main()

"""What a start takes: `rebeam hello.py` of a release beside `python hello.py` and a bare Erlang VM, in
turns; where its milliseconds go; and what a program at rest holds. boot.py REBEAM PYTHON [RUNS]"""

import itertools
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# What is opened when something begins, in the order of a start.
STEPS = {
    "launcher": "execve.*bin/rebeam",
    "emulator": "execve.*beam.smp",
    "Erlang and Elixir": r"openat.*start_clean\.boot",
    "Python": r"openat.*libpython3",
    "this package": r"openat.*rebeam/(__pycache__/)?__init__\.",
    "the program": r"openat.*hello\.py",
    "the end": "exit_group",
}


# Python keeps what it compiled, as it does for most people.
ENVIRONMENT = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    nothing = subprocess.DEVNULL
    subprocess.run(command, check=True, env=ENVIRONMENT, stdout=nothing, stdin=nothing)
    return time.perf_counter() - begin


def in_turns(commands: dict[str, list[str]], runs: int) -> dict[str, float]:
    """The median of each, in milliseconds."""
    for command in commands.values():
        seconds(command)  # fills caches
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(seconds(command))
    return {name: statistics.median(each) * 1000 for name, each in taken.items()}


def steps(command: list[str]) -> None:
    if shutil.which("strace") is None:
        print("where it goes: strace is not installed")
        return
    with tempfile.NamedTemporaryFile("r") as trace:
        options = ["-f", "--seccomp-bpf", "-ttt", "-e", "trace=execve,openat,exit_group"]
        seconds(["strace", *options, "-o", trace.name, *command])
        lines = trace.read().splitlines()
    print("where it goes, traced (which takes time of its own), in milliseconds:")
    times = []
    for name, pattern in STEPS.items():
        found = [line for line in lines if re.search(pattern, line) and "ENOENT" not in line]
        if found:
            chosen = found[-1] if name == "the end" else found[0]
            times.append((name, float(chosen.split()[1])))
    for (name, at), (_, until) in itertools.pairwise(times):
        print(f"  {name:24}{(until - at) * 1000:8.0f}")


def resident(command: list[str]) -> float:
    """Megabytes, of which shared ones count in part, once the program says that it rests."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=ENVIRONMENT, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with open(f"/proc/{process.pid}/smaps_rollup") as file:
            found = re.search(r"^Pss: +(\d+) kB", file.read(), re.MULTILINE)
        process.terminate()
    return int(found[1]) / 1024 if found else float("nan")


def main(rebeam: str, python: str, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        hello, rest = os.path.join(folder, "hello.py"), os.path.join(folder, "rest.py")
        with open(hello, "w") as file:
            file.write('print("hello")\n')
        with open(rest, "w") as file:
            file.write('import sys\nprint("rests", flush=True)\nsys.stdin.read()\n')
        programs = {"rebeam": [rebeam, "--python", python], "python": [python]}
        commands = {name: [*words, hello] for name, words in programs.items()}
        erl = shutil.which("erl")
        bare = {"erl": [erl, "-noshell", "-eval", "halt()."]} if erl else {}
        took = in_turns(commands | bare, runs)
        print(f"{runs} starts in turns, medians in milliseconds:")
        for name, each in took.items():
            print(f"  {name:24}{each:8.0f}")
        print(f"  {'rebeam - python':24}{took['rebeam'] - took['python']:8.0f}")
        steps(commands["rebeam"])
        print("memory of a program at rest, in MB:")
        for name, words in programs.items():
            print(f"  {name:24}{resident([*words, rest]):8.0f}")


main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 20)

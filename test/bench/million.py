"""So many actors, each with a @stop: started, each called once, ended; three times in one program.

    test/bench/run million [NUMBER...] [--rounds 3] [--profile]

Prints for each number what one took, in microseconds and kB, so that numbers beside each other show
whether they are flat; and the most memory that the process ever had. With --profile, `perf` looks on, and
the functions whose share grows from the first number to the last one are listed: what grows faster than
the number would be among them.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator

from bench import machine, text
from bench.contest import BUILD, rebeam, variables

from rebeam import (
    Counter,
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call,
    receive,
    restart_child,
    start_children,
    stop,
    terminate_child,
)

Round = dict[str, float]

# ---- the program --------------------------------------------------------------------------------


class One(GenPy):
    @receive("number")
    def number(self, message):
        return message

    @stop()
    def end(self):
        Counter("ended").add()


class Driver(GenPy):
    name = "driver"

    def __init__(self):
        self.before = resident()

    @receive("go")
    def go(self, message):
        """One round: seconds, and the memory while all are there."""
        begin = time.perf_counter()
        actors = start_children("pool", (One for _ in range(message)))
        started = time.perf_counter()
        size = resident() - self.before
        for number, actor in enumerate(actors):
            assert call(actor, "number", number)[1] == number
        called = time.perf_counter()
        del actors, actor
        Counter("ended").reset()
        ending = time.perf_counter()
        terminate_child("top", "pool")
        ended = time.perf_counter()
        assert Counter("ended").get() == message
        restart_child("top", "pool")
        return {
            "start": started - begin,
            "call": called - started,
            "end": ended - ending,
            "memory": size,
            "peak": field("VmHWM"),
        }


def field(name: str) -> int:
    """Bytes of /proc/self/status."""
    found = re.search(rf"{name}:\s*(\d+) kB", pathlib.Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def resident() -> int:
    return field("VmRSS")


def program(number: int, rounds: int) -> None:
    with Supervisor([DynamicSupervisor(name="pool"), Driver], name="top"):
        for _ in range(rounds):
            status, found = call("driver", "go", number, timeout=None)
            assert status == "ok", found
            print(json.dumps(found), flush=True)


# ---- what runs it -------------------------------------------------------------------------------


def rounds_of(number: int, rounds: int, profile: pathlib.Path | None) -> Iterator[Round]:
    command = [*rebeam("--log-level", "none"), __file__, "program", str(number), str(rounds)]
    if profile is not None:
        command = ["perf", "record", "-q", "-F", "199", "-o", str(profile), "--", *command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables()) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        sys.exit(f"{number}: status {process.returncode}")


def shown(number: int, found: Round) -> str:
    each = [f"{found[name] * 1e6 / number:12.2f}" for name in ("start", "call", "end")]
    return (
        f"{number:>10,}{''.join(each)}{found['memory'] / number / 1000:10.2f}"
        f"{found['start']:9.1f}{found['end']:9.1f}{found['peak'] / 2**20:11,.0f}"
    )


def shares(profile: pathlib.Path) -> dict[str, float]:
    """Percent of the samples, by function."""
    command = [
        "perf",
        "report",
        "-i",
        str(profile),
        "--stdio",
        "-q",
        "--no-children",
        "-s",
        "symbol",
    ]
    found = subprocess.run(command, capture_output=True, text=True).stdout
    rows = re.findall(r"^\s*([\d.]+)%\s+\[.\] (.+?)[\s-]*$", found, re.MULTILINE)
    return {name: float(percent) for percent, name in rows}


def grown(profiles: list[pathlib.Path]) -> None:
    """Prints whose share of the time became larger."""
    first, last = shares(profiles[0]), shares(profiles[-1])
    order = sorted(last, key=lambda name: first.get(name, 0.0) - last[name])
    print("\nshare of the time, in percent, at the first number and at the last one")
    for name in order[:12]:
        print(f"{first.get(name, 0.0):8.2f}{last[name]:8.2f}  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="test/bench/run million", description=__doc__)
    parser.add_argument("numbers", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    report: dict[str, object] = machine.described()
    print(text.conditions(report))
    print(
        f"{'':10}{'start us':>12}{'call us':>12}{'end us':>12}{'kB':>10}{'start s':>9}{'end s':>9}{'peak MiB':>11}"
    )
    profiles, results = [], {}
    for number in options.numbers:
        if options.profile:
            profiles.append(BUILD / f"million.{number}.perf")
        results[number] = []
        for found in rounds_of(number, options.rounds, profiles[-1] if profiles else None):
            results[number].append(found)
            print(shown(number, found), flush=True)
    report["numbers"] = results
    report["load"] = {**report["load"], "after": os.getloadavg()}  # type: ignore[dict-item]
    path = BUILD / "million.json"
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(path)
    if len(profiles) > 1:
        grown(profiles)


if __name__ == "__main__":
    if sys.argv[1:2] == ["program"]:
        program(int(sys.argv[2]), int(sys.argv[3]))
    else:
        main()

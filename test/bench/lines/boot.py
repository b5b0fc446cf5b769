"""From the command to the end of `print("hello")`. test/bench/boot.py shows where a start's time goes."""

import pathlib
import subprocess
import sys
import tempfile
import time

from bench.contest import ROOT
from bench.line import Line

line = Line("start and end of hello.py", "ms")
RELEASE = ROOT / "build/release/rebeam/bin/rebeam"


def measured(command, count):
    with tempfile.TemporaryDirectory() as folder:
        hello = pathlib.Path(folder) / "hello.py"
        hello.write_text('print("hello")\n')
        taken = []
        for _ in range(count):
            begin = time.perf_counter()
            said = subprocess.run([*command, str(hello)], check=True, stdout=subprocess.PIPE)
            taken.append((time.perf_counter() - begin) * 1e3)
            assert said.stdout == b"hello\n"
        return min(taken)


@line.entry("Re:BEAM", 3)
def ours(count):
    if not RELEASE.exists():
        sys.exit("there is no release: make release")
    return measured([str(RELEASE), "--python", sys.executable], count)


@line.entry("python", 3)
def by_python(count):
    return measured([sys.executable], count)


@line.entry("bare erl", 3)
def by_erl(count):
    taken = []
    for _ in range(count):
        begin = time.perf_counter()
        subprocess.run(["erl", "-noshell", "-eval", "halt()."], check=True)
        taken.append((time.perf_counter() - begin) * 1e3)
    return min(taken)


if __name__ == "__main__":
    line.serve()

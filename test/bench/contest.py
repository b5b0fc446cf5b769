"""The processes that measure, each told when it is its turn; and what makes the machine busy."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.line import Entry, Figures

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build/bench"
LOGS = BUILD / "logs"
LAUNCHER = BUILD / "rebeam"

# A round that takes longer, in seconds, counts as none.
PATIENCE = 300


class LeftOutError(Exception):
    """Why somebody takes no part."""


def rebeam(*options: str) -> list[str]:
    """The command of Re:BEAM, or the one of BENCH_REBEAM: a release of another commit, say."""
    command = os.environ.get("BENCH_REBEAM")
    if command is None:
        # What `run` wrote is faster, but is no node.
        named = "--sname" in options or not LAUNCHER.exists()
        command = "mix rebeam.run" if named else str(LAUNCHER)
    return [*command.split(), "--python", sys.executable, *options]


def variables() -> dict[str, str]:
    """What programs of the benches find the modules of this folder and of Re:BEAM with."""
    paths = os.pathsep.join(str(ROOT / each) for each in ("test", "python"))
    return {**os.environ, "PYTHONPATH": paths}


def command(path: pathlib.Path, entry: Entry) -> list[str]:
    if entry.under == "rebeam":
        return [*rebeam("--log-level", "none", *entry.options), str(path), entry.name]
    if entry.under == "elixir":
        flags = ["--erl", "+P 2000000 +sbwt short +sbwtdcpu none +sbwtdio none"]
        name, *arguments = entry.options or (path.stem,)
        script = str(path.with_name(f"{name}.exs"))
        return ["elixir", *flags, "-r", str(HERE / "turns.exs"), script, *arguments]
    return [sys.executable, str(path), entry.name]


@dataclass
class Contestant:
    """A process that measures whenever it is told to."""

    path: pathlib.Path
    entry: Entry
    process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        for module in self.entry.needs:
            if importlib.util.find_spec(module) is None:
                raise LeftOutError(f"{module} is not installed (make bench-peers)")
        LOGS.mkdir(parents=True, exist_ok=True)
        with self.log().open("w") as log:
            self.process = subprocess.Popen(
                command(self.path, self.entry),
                cwd=ROOT,
                env=variables(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def log(self) -> pathlib.Path:
        return LOGS / f"{self.path.stem}.{self.entry.name.replace('/', '-')}.log"

    def round(self, count: int, fresh: bool) -> Figures:
        """What `count` of what the line does came to. The first of a process only warms it up, unless
        each round is to have a process of its own."""
        if self.process is None:
            self.start()
            if not fresh:
                self.turn(max(count // 20, 1))
        try:
            return self.turn(count)
        finally:
            if fresh:
                self.stop()

    def turn(self, count: int) -> Figures:
        process = self.process
        assert process is not None and process.stdin is not None and process.stdout is not None
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        try:
            print(count, file=process.stdin, flush=True)
            # What else a library prints is not meant.
            for line in process.stdout:
                if line.startswith('{"figures"'):
                    figures: Figures = json.loads(line)["figures"]
                    return figures
        except BrokenPipeError:
            pass
        finally:
            timer.cancel()
        self.stop()
        said = self.log().read_text().strip().splitlines()
        raise LeftOutError(said[-1][:200] if said else "no answer")

    def stop(self) -> None:
        """Its input ends, and so does it."""
        process, self.process = self.process, None
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextlib.contextmanager
def load(name: str) -> Iterator[None]:
    """Four processes that compute for each core, if it is "busy"."""
    number = 4 * (os.cpu_count() or 1) if name == "busy" else 0
    spin = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(spin) for _ in range(number)]
    try:
        yield
    finally:
        for each in processes:
            each.kill()
            each.wait()

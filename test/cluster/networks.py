"""The clusters that check.py tries: on loopback with `rebeam.testing`, or, as root, a network namespace for each
node, with an address of its own, where the kernel drops, delays and loses packets."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "node.py")


def options(size: int, level: str) -> list[str]:
    return ["--cluster-lease", "1", "--cluster-size", str(size), "--log-level", level]


class Loopback:
    """Nodes of `rebeam.testing`, and its relay."""

    def __init__(self, size: int, folder: str, level: str) -> None:
        from rebeam import testing

        self.testing = testing
        self.cluster = testing.cluster(size, PROGRAM, [folder], options(size, level))
        self.nodes = [each.name.split("@")[0] for each in self.cluster]
        self._of = dict(zip(self.nodes, self.cluster, strict=True))

    def _some(self, names: list[str]) -> list[object]:
        return [self._of[name] for name in names]

    def cut(self, some: list[str], others: list[str], one_way: bool, closed: bool) -> None:
        self.testing.partition(self._some(some), self._some(others), one_way, closed)

    def slow(self, some: list[str], others: list[str], seconds: float) -> None:
        self.testing.delay(self._some(some), self._some(others), seconds)

    def heal(self) -> None:
        self.testing.heal(self.cluster)

    def kill(self, names: list[str]) -> None:
        self.testing.kill(*self._some(names))

    def restart(self, names: list[str]) -> None:
        self.testing.restart(*self._some(names))

    def freeze(self, names: list[str]) -> None:
        self.testing.freeze(*self._some(names))

    def thaw(self, names: list[str]) -> None:
        self.testing.thaw(*self._some(names))

    def end(self) -> None:
        self.cluster.end()


class Namespaces:
    """`rebeam --name` in network namespaces of their own, which a bridge connects."""

    PREFIX = "rebeamct"

    def __init__(self, size: int, folder: str, level: str) -> None:
        self.folder, self.options = folder, options(size, level)
        self.nodes = [f"n{k}" for k in range(1, size + 1)]
        self.command = shlex.split(os.environ.get("REBEAM_COMMAND", "mix rebeam.run"))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.netem = True
        self.cookie = os.path.join(folder, "cookie")
        with open(os.open(self.cookie, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(os.urandom(12).hex())
        try:
            self.end()  # what is left of a round that was cut off
            self._run("ip", "link", "add", self.PREFIX, "type", "bridge")
            self._run("ip", "link", "set", self.PREFIX, "up")
            for name in self.nodes:
                self._connect(name)
            for name in self.nodes:
                self._start(name)
        except BaseException:
            self.end()
            raise

    # ---- the network ----------------------------------------------------------------------------

    def _run(self, *words: str, check: bool = True) -> bool:
        done = subprocess.run(words, capture_output=not check or None, check=check)
        return done.returncode == 0

    def _inside(self, name: str, *words: str, check: bool = True) -> bool:
        return self._run("ip", "netns", "exec", self._space(name), *words, check=check)

    def _space(self, name: str) -> str:
        return f"{self.PREFIX}-{name}"

    def _address(self, name: str) -> str:
        return f"10.213.77.{name[1:]}"

    def _connect(self, name: str) -> None:
        space, outer = self._space(name), f"{self.PREFIX}{name}"
        self._run("ip", "netns", "add", space)
        self._run(
            "ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space
        )
        self._run("ip", "link", "set", outer, "master", self.PREFIX, "up")
        self._inside(name, "ip", "link", "set", "lo", "up")
        self._inside(name, "ip", "addr", "add", f"{self._address(name)}/24", "dev", "eth0")
        self._inside(name, "ip", "link", "set", "eth0", "up")
        self._inside(name, "epmd", "-daemon")
        while not self._inside(name, "epmd", "-names", check=False):
            time.sleep(0.05)

    def _clear(self) -> None:
        for name in self.nodes:
            self._run("ip", "netns", "del", self._space(name), check=False)
        self._run("ip", "link", "del", self.PREFIX, check=False)

    # ---- nodes ----------------------------------------------------------------------------------

    def _start(self, name: str) -> None:
        others = [each for each in self.nodes if each != name and each in self.processes]
        connect = [f"--connect={each}@{self._address(each)}" for each in others[:1]]
        words = [
            *("ip", "netns", "exec", self._space(name), *self.command),
            *("--name", f"{name}@{self._address(name)}", "--cookie-file", self.cookie),
            *("--listen", self._address(name), *connect, *self.options, PROGRAM, self.folder),
        ]
        env = {**os.environ, "REBEAM_CHECKED": name}
        log = open(os.path.join(self.folder, f"output-{name}"), "ab")  # noqa: SIM115
        self.processes[name] = subprocess.Popen(
            words, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        self._await(name)

    def _await(self, name: str) -> None:
        path = os.path.join(self.folder, f"report-{name}")
        begin = time.time()
        while not os.path.exists(path) or os.path.getmtime(path) < begin:
            if self.processes[name].poll() is not None or time.time() > begin + 90:
                sys.exit(f"{name} does not start: see {self.folder}/output-{name}")
            time.sleep(0.05)

    # ---- faults ---------------------------------------------------------------------------------

    def cut(self, some: list[str], others: list[str], one_way: bool, closed: bool) -> None:
        kind = "unreachable" if closed else "blackhole"
        for one in some:
            for other in others:
                self._drop(one, other, kind)
                if not one_way:
                    self._drop(other, one, kind)

    def _drop(self, one: str, other: str, kind: str) -> None:
        self._inside(one, "ip", "route", "replace", kind, f"{self._address(other)}/32")

    def slow(self, some: list[str], others: list[str], seconds: float) -> None:
        words = ("delay", f"{int(seconds * 1000)}ms", "loss", "5%")
        for name in some:
            if self.netem:
                self.netem = self._inside(
                    name,
                    *["tc", "qdisc", "replace", "dev", "eth0", "root", "netem"],
                    *words,
                    check=False,
                )

    def heal(self) -> None:
        for name in self.nodes:
            for kind in ("blackhole", "unreachable"):
                self._inside(name, "ip", "route", "flush", "type", kind, check=False)
            self._inside(name, *["tc", "qdisc", "del", "dev", "eth0", "root"], check=False)

    def kill(self, names: list[str]) -> None:
        for name in names:
            process = self.processes.pop(name, None)
            if process is not None:
                process.kill()
                process.wait()

    def restart(self, names: list[str]) -> None:
        for name in names:
            if name not in self.processes:
                self._start(name)

    def freeze(self, names: list[str]) -> None:
        self._signal(names, signal.SIGSTOP)

    def thaw(self, names: list[str]) -> None:
        self._signal(names, signal.SIGCONT)

    def _signal(self, names: list[str], number: int) -> None:
        for name in names:
            if name in self.processes:
                self.processes[name].send_signal(number)

    def end(self) -> None:
        """Also what Erlang started in the namespaces, and nobody else is there."""
        self.kill(list(self.processes))
        for name in self.nodes:
            found = subprocess.run(
                ["ip", "netns", "pids", self._space(name)], capture_output=True, check=False
            )
            for pid in found.stdout.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        self._clear()

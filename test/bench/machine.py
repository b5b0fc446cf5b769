"""What figures depend on: the machine, the versions, the load."""

from __future__ import annotations

import os
import pathlib
import platform
import re
import subprocess
import sys
import time

from bench.contest import BUILD, ROOT


def described() -> dict[str, object]:
    """Machine, versions and date, for the JSON."""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M %Z"),
        "machine": {
            "cpu": first("/proc/cpuinfo", r"model name\s*: (.*)") or platform.machine(),
            "cores": os.cpu_count(),
            "memory GiB": round(int(first("/proc/meminfo", r"MemTotal: *(\d+)") or 0) / 2**20, 1),
            "system": f"{platform.system()} {platform.release()}",
        },
        "versions": {
            "Re:BEAM": said("git", "describe", "--always", "--dirty"),
            "Python": platform.python_version(),
            "Erlang/OTP": said("erl", "-noshell", "-eval", OTP),
            "Elixir": said("elixir", "--short-version"),
            **peers(),
        },
        "load": {"before": [round(each, 2) for each in os.getloadavg()]},
    }


OTP = "io:put_chars(erlang:system_info(otp_release)), halt()."


def first(path: str, pattern: str) -> str | None:
    found = re.search(pattern, pathlib.Path(path).read_text())
    return found[1] if found else None


def said(*command: str) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    except OSError:
        return "not installed"


def peers() -> dict[str, str]:
    """The versions of what is measured beside, as far as it is installed."""
    path = ROOT / "test/bench/peers.txt"
    wanted = {line.strip() for line in path.read_text().splitlines() if not line.startswith("#")}
    listed = BUILD / "peers.txt"
    if not listed.exists() or str(BUILD) not in sys.executable:
        return {}
    pairs = (line.split("==") for line in listed.read_text().splitlines() if "==" in line)
    return {name: version for name, version in pairs if name.lower() in wanted}

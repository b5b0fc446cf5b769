"""Puts the release of the runtime into the wheel, and its launcher where commands go.

`lib/rebeam` of an environment holds the release; the launcher finds it from its own path, so
that the command needs no Python to start. REBEAM_WITHOUT_RUNTIME=1 in the environment makes a
wheel of the package alone, for editors and type checkers; so does an editable installation.
"""

import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CLONE = Path(__file__).resolve().parent.parent
# REBEAM_RELEASE names one that is there already.
RELEASE = Path(os.environ.get("REBEAM_RELEASE") or CLONE / "build" / "release" / "rebeam").resolve()
LAUNCHER = RELEASE / "bin" / "rebeam"


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or os.environ.get("REBEAM_WITHOUT_RUNTIME") == "1":
            return
        if not os.environ.get("REBEAM_RELEASE"):
            make_release()
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{machine()}"
        build_data["shared_scripts"][str(LAUNCHER)] = "rebeam"
        for file in sorted(RELEASE.rglob("*")):
            if file.is_file() and file != LAUNCHER:
                place = Path("lib", "rebeam", file.relative_to(RELEASE))
                build_data["shared_data"][str(file)] = str(place)


def make_release() -> None:
    script = CLONE / ".ci" / "release"
    if not script.exists():
        raise SystemExit("rebeam: only a clone can build a wheel: pip install ./python in it")
    missing = [tool for tool in ("mix", "make", "cc", "patchelf") if not shutil.which(tool)]
    if missing:
        raise SystemExit(
            f"rebeam: {', '.join(missing)} not found; run `make setup NEEDED=release` in "
            f"{CLONE}, or install a built wheel"
        )
    subprocess.run([script], check=True, env={**os.environ, "MIX_ENV": "prod"})


def machine() -> str:
    """The platform: what was linked here needs this C library, or a newer one."""
    name, libc = platform.libc_ver()
    if name != "glibc":
        raise SystemExit("rebeam: wheels are built where the C library is glibc")
    major, minor = libc.split(".")[:2]
    return f"manylinux_{major}_{minor}_{platform.machine()}"

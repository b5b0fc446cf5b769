"""Modules and scripts as children, in the placement that the first argument names: each hears that the
program ends, whatever it does."""

import importlib
import os
import signal
import sys
import tempfile
from pathlib import Path

from waiting import wait_until

from rebeam import Supervisor, child, members

ISOLATION = sys.argv[1]
TEXT = """
import asyncio
import threading

from rebeam import join, sleep

lock = threading.Lock()
lock.acquire()
if __name__ == "__main__":
    try:
        join("begun")
        {work}
    finally:
        print("{name} True", flush=True)
"""
WORKS = {
    "completes": "asyncio.run(asyncio.sleep(600))",
    "computes": "while True: pass",
    "sleeps": "sleep(600)",
    "waits": "lock.acquire()",
}


def end():
    wait_until(lambda: len(members("begun")) == 2 * len(WORKS))
    os.kill(os.getpid(), signal.SIGTERM)


def main():
    folder = Path(tempfile.mkdtemp())
    os.environ["PYTHONPATH"] = f"{folder}:{os.environ.get('PYTHONPATH', '')}"
    sys.path.insert(0, str(folder))
    items = [end]
    for name, work in WORKS.items():
        path = folder / f"ended_{name}.py"
        path.write_text(TEXT.format(name=f"module {name}", work=work))
        items.append(
            child(importlib.import_module(f"ended_{name}"), isolation=ISOLATION, shutdown=300.0)
        )
        path = folder / f"{name}.py"
        path.write_text(TEXT.format(name=f"script {name}", work=work))
        items.append(child(str(path), isolation=ISOLATION, shutdown=300.0))
    Supervisor(items)


if __name__ == "__main__":
    main()

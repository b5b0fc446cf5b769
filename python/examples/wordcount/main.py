"""Counts the words of real files with a supervised tree of actors.

    make run                              # all of /usr/share/common-licenses
    make run ARGS="README.md docs/"       # files, and folders with all below them

A dispatcher hands out the files, one feeder carries them to each of a pool of
readers, and each reader calls the reducer, which adds up. A file that is not UTF-8
crashes its reader: the supervisor starts a fresh one, and the rest is counted.
"""

import argparse
from pathlib import Path

from rebeam import Supervisor, child

from dispatcher import Dispatcher, feeder
from reader import Reader
from reducer import Reducer

DEFAULT = "/usr/share/common-licenses"


def files_of(paths: list[str]) -> list[str]:
    """The regular files named, and those below the folders named, sorted, links left out."""
    found: set[Path] = set()
    for path in map(Path, paths):
        if not path.exists():
            raise SystemExit(f"wordcount: no file or folder {str(path)!r}")
        found.update(path.rglob("*") if path.is_dir() else [path])
    return sorted(str(each) for each in found if each.is_file() and not each.is_symlink())


def main() -> Supervisor:
    parser = argparse.ArgumentParser(description="Count the words of files.")
    parser.add_argument("paths", nargs="*", default=[DEFAULT], help="files and folders")
    parser.add_argument("--readers", type=int, default=4, help="readers at work at once")
    parser.add_argument("--top", type=int, default=20, help="how many words to print; 0: all")
    options = parser.parse_args()
    files = files_of(options.paths)
    readers = [f"reader-{number}" for number in range(1, options.readers + 1)]

    # Every file may crash a reader once; that is no reason to give up.
    pool = Supervisor(modules=[Reader(name) for name in readers], max_restarts=len(files) + 1)
    return Supervisor(
        modules=[
            child(Reducer()),
            child(pool, id="readers"),
            # When the dispatcher is done, so is the program.
            child(Dispatcher(files, options.top), restart="transient", significant=True),
            *[child(feeder(name), id=f"feeder of {name}") for name in readers],
        ]
    )


if __name__ == "__main__":
    main()

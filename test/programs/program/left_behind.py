"""Starts things in every way, and raises, or goes on as it is told."""

import sys

import left_helper

from rebeam import GenPy, Supervisor, child, receive, run_register_process, sleep, spawn


class Left(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("version")
    def version(self):
        return [1, left_helper.VERSION, __name__]

    @receive("start")
    def start_another(self, message):
        run_register_process(Left(message))


def stay():
    sleep(1000)


if __name__ == "__main__":
    how, kinds = sys.argv[1], sys.argv[2:]
    if how in ("raise", "stop"):
        run_register_process(Left("left_process"))
        spawn(stay)
    if kinds:
        Supervisor([child(Left(f"left_{kind}"), isolation=kind) for kind in kinds])  # type: ignore[arg-type]
    if how == "raise":
        raise ValueError("as told")

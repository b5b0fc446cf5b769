"""On a node of a cluster that a test started: the actor that runs what the test wants done there
(lib/rebeam/testing/boot.ex starts it, `rebeam._cluster` asks it)."""

from __future__ import annotations

import traceback
from typing import Any

from rebeam._children import run_register_process
from rebeam._genpy import GenPy
from rebeam._marks import receive
from rebeam._messages import reply
from rebeam._native import ProcessID, Response, no_reply, response_error, response_ok
from rebeam._processes import spawn

NAME = "$rebeam.agent"

PROGRAM = "from rebeam import DynamicSupervisor\nDynamicSupervisor()\n"
"""The program of a node that is given none: a tree without children, which does not end."""


class Agent(GenPy):
    """Has each thing done in a process of its own, so that none waits for another."""

    @receive("run")
    def run(self, message: Any, source: ProcessID) -> Response:
        spawn(_run, source, *message)
        return no_reply()

    @receive("start")
    def start(self, message: Any, source: ProcessID) -> Response:
        spawn(_run, source, run_register_process, message, {})
        return no_reply()


def _run(source: ProcessID, function: Any, args: Any, named: Any) -> None:
    try:
        reply(source, response_ok(function(*args, **named)))
    except Exception:
        reply(source, response_error(traceback.format_exc()))

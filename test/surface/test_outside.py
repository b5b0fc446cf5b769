"""The package offers the same without the runtime, and says there how to run a program."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import unittest
from typing import Any

import describe

import rebeam

PACKAGE = os.path.dirname(os.path.dirname(rebeam.__file__))
HOW = "start the program with `rebeam main.py`"
TESTS = "run the tests with `rebeam -m pytest`"

# Functions that work without the runtime.
ANYWHERE = {
    "rebeam.child",
    "rebeam.code_change",
    "rebeam.enter",
    "rebeam.event",
    "rebeam.idle",
    "rebeam.info",
    "rebeam.keep_state",
    "rebeam.merge",
    "rebeam.next_state",
    "rebeam.no_reply",
    "rebeam.postpone",
    "rebeam.receive",
    "rebeam.repeat_state",
    "rebeam.response_error",
    "rebeam.response_ok",
    "rebeam.start",
    "rebeam.stop",
    "rebeam.testing.end_supervised",
    # Of no nodes.
    "rebeam.testing.freeze",
    "rebeam.testing.heal",
    "rebeam.testing.kill",
    "rebeam.testing.restart",
    "rebeam.testing.thaw",
    "rebeam.timeout",
}

# Functions that want what only the runtime makes, and check that first.
WANT = {
    "rebeam.await_",
    "rebeam.await_many",
    "rebeam.cancel_timer",
    "rebeam.connect",
    "rebeam.demonitor",
    "rebeam.demonitor_group",
    "rebeam.disconnect",
    "rebeam.move",
    "rebeam.reply",
    "rebeam.spawn_on",
    "rebeam.start_children",
    "rebeam.testing.delay",
    "rebeam.testing.partition",
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What plain python does."""
    environment = {name: text for name, text in os.environ.items() if "PYTHON" not in name}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**environment, "PYTHONPATH": PACKAGE, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


def outside(*arguments: str) -> str:
    """What plain python prints, without an error."""
    done = run(*arguments)
    assert done.stderr == "", done.stderr
    return done.stdout


class OutsideTest(unittest.TestCase):
    maxDiff = None

    def test_offers_the_same_names(self) -> None:
        found: dict[str, dict[str, Any]] = json.loads(outside(describe.__file__))
        self.assertEqual(found, describe.surface())

    def test_what_needs_the_runtime_says_how_to_run_it(self) -> None:
        found: dict[str, str] = json.loads(outside(describe.__file__, "--call"))
        for name, outcome in found.items():
            module, _, short = name.rpartition(".")
            how = TESTS if module == "rebeam.testing" else HOW
            refused = f"RuntimeError: rebeam: {short}() works inside the runtime: {how}"
            with self.subTest(name):
                if name in WANT:
                    self.assertRegex(outcome, "^(Type|Value)Error: .*, not 'x'$")
                elif ".__next__()" in outcome:  # it needs the runtime once it is iterated
                    self.assertEqual(re.sub(r"\w+\.__next__", short, outcome), refused)
                else:
                    self.assertEqual(outcome, "done" if name in ANYWHERE else refused)

    def test_a_new_primitive_has_a_stand_in(self) -> None:
        source = """
from _rebeam import later, Token
for each in (later, Token):
    try:
        each(1, key=2)
    except RuntimeError as error:
        print(error)
"""
        lines = [f"rebeam: {name}() works inside the runtime: {HOW}" for name in ("later", "Token")]
        self.assertEqual(outside("-c", "import rebeam" + source).splitlines(), lines)

    def test_modules_of_the_package_may_register_what_never_comes(self) -> None:
        source = """
import sys, types
module = types.ModuleType("rebeam._later")
exec("from _rebeam import _on_event; print(_on_event(print))", module.__dict__)
"""
        self.assertEqual(outside("-c", "import rebeam" + source), "None\n")

    def test_functions_look_as_they_are(self) -> None:
        source = """
import inspect, rebeam
print(inspect.signature(rebeam.call), "|", rebeam.call.__doc__[:23])
rebeam.call("one")
"""
        done = run("-c", source)
        told = "(target, subject, message=None, timeout=5.0, interrupt=False)"
        self.assertEqual(done.stdout.strip(), told + " | Send a message and wait")
        error = "TypeError: call() missing 1 required positional argument: 'subject'"
        self.assertEqual(done.stderr.splitlines()[-1], error)

    def test_identities_come_out_of_a_pickle(self) -> None:
        pid, atom = rebeam.self_pid(), rebeam.Atom("tick")
        data = pickle.dumps((pid, pid, atom)).hex()
        source = f"""
import pickle, rebeam
first, second, atom = pickle.loads(bytes.fromhex({data!r}))
print(first == second, first.node, atom == rebeam.Atom("tick"), atom.text, type(first).__name__)
print(pickle.dumps((first, second, atom)).hex())
"""
        told, again = outside("-c", source).splitlines()
        self.assertEqual(told, f"True {pid.node} True tick ProcessID")
        self.assertEqual(pickle.loads(bytes.fromhex(again)), (pid, pid, atom))

    def test_responses_compare(self) -> None:
        source = """
from rebeam import response_error, response_ok
def told():
    made = response_ok([1]), response_ok([1]), response_ok(2), response_error([1])
    try:
        hash(made[0])
    except TypeError:
        return [[a == b for b in made] for a in made], repr(made), made[0] == 1
"""
        inside: dict[str, Any] = {}
        exec(source, inside)
        self.assertEqual(outside("-c", source + "print(told())").strip(), str(inside["told"]()))
        self.assertEqual(inside["told"]()[0][0], [True, True, False, False])


if __name__ == "__main__":
    unittest.main()

"""`rebeam replay FILE`: runs a handler again that crashed its actor, as the flight recorder has it
(rebeam._engine.recorder), under pdb.

The script is run for its definitions alone, as in an isolation unit. What the handler asks the
runtime for is answered from the record: nothing is sent.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import pdb
import pickle
import sys
import time
import traceback
import types
from collections.abc import Callable
from typing import Any

from _rebeam import suspend_record
from rebeam import _errors, _events, _handlers, _kept, _statem
from rebeam._engine import importer, recorder, scripts
from rebeam._native import Response
from rebeam._program import units
from rebeam._status import Status


class NotRecorded(RuntimeError):
    """The handler asks for something that it did not ask for when it was recorded."""


def main(arguments: list[str]) -> int:
    """The status that the command ends with."""
    options = _options(arguments)
    try:
        told = _read(options.file)
    except (OSError, ValueError) as error:
        return _complain(str(error))
    count = len(told["records"])
    if not 1 <= options.message <= count:
        return _complain(f"--message is from 1 (the last one) to {count}, not {options.message}")
    try:
        again = _Again(told, told["records"][-options.message])
    except Exception as error:
        return _complain(f"{options.file} cannot be run again: {type(error).__name__}: {error}")
    again.introduce(told, options.message)
    return again.run_plainly() if options.no_pdb else again.run_debugged()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="rebeam replay",
        description="Runs a handler again that crashed its actor, under pdb.",
    )
    parser.add_argument("file", metavar="FILE", help="what --flight-recorder has written")
    parser.add_argument("--no-pdb", action="store_true", help="run it, and print what happens")
    parser.add_argument(
        "--message",
        type=int,
        default=1,
        metavar="N",
        help="the one before the last is 2, and so on (default: 1, the one that crashed)",
    )
    return parser.parse_args(arguments)


def _complain(text: str) -> int:
    print(f"rebeam: {text}", file=sys.stderr)
    return 2


def _read(path: str) -> dict[str, Any]:
    """ValueError for what is no record of this version."""
    with open(path, "rb") as file:
        try:
            told = pickle.load(file)
            known = told["version"] == recorder.VERSION
        except Exception:
            raise ValueError(f"{path} is no file of the flight recorder") from None
    if not known:
        raise ValueError(f"{path} was written by another version of Re:BEAM")
    made = told["python"]
    if made != sys.version_info[:2]:
        print(f"It was recorded with Python {made[0]}.{made[1]}.", file=sys.stderr)
    return dict(told)


# ---- what there was ----------------------------------------------------------------------------


def _define(told: dict[str, Any]) -> None:
    """The program's classes, as a unit has them."""
    sys.path[:] = told["path"]
    for folder, path in told["folders"]:
        importer.install([folder])
        scripts.add(folder, path)
    units.define(told["mains"], told["given"])


def _class(told: dict[str, Any]) -> Any:
    module, name = told["class"]
    found: Any = sys.modules.get(module) or __import__(module, fromlist=["_"])
    for each in name.split("."):
        found = getattr(found, each)
    return found


class _Again:
    """One message, and the actor as it was before."""

    def __init__(self, told: dict[str, Any], record: dict[str, Any]) -> None:
        _define(told)
        self._record, self._error = record, told["error"]
        cls = _class(told)
        self.instance = cls.__new__(cls)
        state, own = recorder.load(record["state"], self.instance)
        for name, value in state.items():
            object.__setattr__(self.instance, name, value)
        if own is not None:
            _kept.of(self.instance).state = own
        self.message = recorder.load(record["message"], self.instance)
        self._answers = [list(each) for each in record["asked"]]
        self._call = self._find()

    # ---- which handler -----------------------------------------------------------------------

    def _find(self) -> Callable[[], Any]:
        """What calls the handler, with the arguments that it takes."""
        work, subject = self._record["work"], self._record["subject"] or ""
        if subject.startswith("\0"):
            return self._find_event(*subject.split("\0", 3)[1:])
        table = _handlers.table(type(self.instance))
        known = {
            "start": table.start,
            "continue": table.continues,
            "info": table.info,
            "idle": table.idle,
            "stop": table.stop,
        }
        handler = known[work] if work in known else table.receive.get(subject) or table.other
        given = {"subject": subject, "message": self.message, "reason": self.message}
        return self._bound(handler, subject, given)

    def _find_event(self, work: str, state: str, what: str) -> Callable[[], Any]:
        machine = _statem._machine(type(self.instance))
        _kept.of(self.instance).current = state
        if work == "info" and what:
            self.message = _events.make(what, self.message)
        given = {"subject": what, "message": self.message, "name": what or None}
        given |= {"current": state, "previous": self.message}
        return self._bound(machine.find(work, what, state), what, given)

    def _bound(self, handler: Any, subject: str, given: dict[str, Any]) -> Callable[[], Any]:
        if handler is None or handler.name.startswith("__rebeam"):
            raise LookupError(f"{type(self.instance).__qualname__} handles no {subject!r} any more")
        bound = getattr(self.instance, handler.name)
        self.code = getattr(inspect.unwrap(getattr(bound, "func", bound)), "__code__", None)
        status = self._record["status"]
        given |= {
            "source": recorder.load(self._record["source"]),
            "status": status and Status(status),
            "other_state": self.message,
        }
        names = [name for name in handler.arguments if name in given]
        first = handler.positional - sum(name in ("self", "bound") for name in handler.arguments)
        args = [given[name] for name in names[: max(first, 0)]]
        named = {name: given[name] for name in names[max(first, 0) :]}
        return lambda: bound(*args, **named)

    # ---- what it asks for --------------------------------------------------------------------

    def _answer(self, name: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """(value, whether it is raised) of the next time that it asked for that."""
        key = recorder.key_of(name, args, named)
        for place, (_, asked, copy, raised) in enumerate(self._answers):
            if asked != key:
                continue
            del self._answers[place]
            if copy is None:
                return NotRecorded(f"{key} was not answered when it was recorded"), True
            value = recorder.load(copy, self.instance)
            if isinstance(value, recorder.Uncopied):
                return NotRecorded(f"the answer to {key} is not recorded: it is {value}"), True
            return value, raised
        return NotRecorded(f"{key} is not recorded: the handler did not ask for it then"), True

    def _run(self) -> Any:
        suspend_record(self._answer)
        try:
            result = self._call()
            return asyncio.run(_awaited(result)) if inspect.isawaitable(result) else result
        finally:
            suspend_record(None)

    # ---- what is shown -----------------------------------------------------------------------

    def introduce(self, told: dict[str, Any], number: int) -> None:
        """What is run."""
        record, cls = self._record, type(self.instance)
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record["time"]))
        subject = (record["subject"] or "").rpartition("\0")[2]
        what = record["work"] + (f" {subject!r}" if subject else "")
        print(f"{cls.__qualname__} at {when}: {what}")
        if self.message is not None:
            print(f"  message: {self.message!r}")
        print(f"  state: {_state(self.instance)!r}")
        print(f"  recorded messages: {len(told['records'])}, this is --message {number}")
        if number == 1:
            print(f"  ended with: {self._error}")

    def run_plainly(self) -> int:
        """Runs it, and says what comes of it."""
        try:
            result = self._run()
        except BaseException as error:
            _show(error, _from(self.code, error))
            return 1
        print(f"returned {_value(result)!r}")
        print(f"  state: {_state(self.instance)!r}")
        return 0

    def run_debugged(self) -> int:
        """The same with a prompt at the handler's first line, and one where it raises."""
        debugger = _Debugger(self.code)
        try:
            result = debugger.runcall(self._run)
        except BaseException as error:
            if debugger.left:
                return 0
            first = _from(self.code, error)
            _show(error, first)
            print("Post mortem: q ends it.")
            debugger.reset()
            debugger.interaction(None, first)
            return 1
        if not debugger.left:
            print(f"returned {_value(result)!r}")
        return 0


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def _state(instance: object) -> dict[str, Any]:
    kept = _kept.find(instance)
    own = {"state": kept.state} if kept is not None and kept.state else {}
    return {**own, **{name: value for name, value in vars(instance).items() if name[:2] != "__"}}


def _value(result: Any) -> Any:
    return result.value if isinstance(result, Response) and result.status is Status.OK else result


def _from(code: types.CodeType | None, error: BaseException) -> types.TracebackType | None:
    """The traceback from the handler on, if that is there."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    return trace or error.__traceback__


def _show(error: BaseException, first: types.TracebackType | None) -> None:
    _errors.prepare(error)
    print("".join(traceback.format_exception(type(error), error, first)).rstrip())


class _Debugger(pdb.Pdb):
    """Stops at the handler, and not before."""

    def __init__(self, code: types.CodeType | None) -> None:
        super().__init__(nosigint=True)
        self._code, self._begun = code, code is None
        self.left = False  # whoever sits there has had enough

    def stop_here(self, frame: types.FrameType) -> bool:
        if not self._begun and frame.f_code is self._code:
            self._begun = True
            self.set_step()
        return self._begun and super().stop_here(frame)

    def user_call(self, frame: types.FrameType, argument_list: None) -> None:
        if frame.f_code is not self._code:  # of that the first line comes next
            super().user_call(frame, argument_list)

    def set_quit(self) -> None:
        self.left = True
        super().set_quit()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The prompt of `rebeam remote`: lines are edited here, and run in a program elsewhere. What is
between is lib/rebeam/cli/remote/terminal.ex, a process of this VM."""

from __future__ import annotations

import code
import sys
from typing import Any

from rebeam._ask import ask
from rebeam._program import prompt

_TERMINAL = "Elixir.Rebeam.CLI.Remote.Terminal"


def begin(namespace: dict[str, Any]) -> None:
    """The prompt, to the end of its input, or until something ended it there."""
    if not sys.flags.quiet:
        title = ask(_TERMINAL, "title")
        print(f"Python in {title}\nCtrl-D leaves it, the program goes on.", file=sys.stderr)
    prompt.read(namespace, _Statements, _Completions().find)


class _Completions:
    """One question for each beginning, of which a completer is asked for one after the other."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def find(self, text: str, number: int) -> str | None:
        if number == 0:
            self._names = ask(_TERMINAL, "complete", text)
        return self._names[number] if number < len(self._names) else None


class _Statements(code.InteractiveInterpreter):
    """Whether more lines come is CPython's to say, here; all else is the program's."""

    _count = 0

    def runsource(self, source: str, filename: str = "<input>", symbol: str = "single") -> bool:
        try:
            made = self.compile(source, filename, symbol)
        except (OverflowError, SyntaxError, ValueError):
            pass  # of which that Python may be the better judge
        else:
            if made is None:
                return True
        self.run_rest(source)
        return False

    def run_rest(self, source: str) -> None:
        self._count += 1
        try:
            self._over(*ask(_TERMINAL, "run", (self._count, source), None))
        except KeyboardInterrupt:
            ask(_TERMINAL, "interrupt")
            self._over(*ask(_TERMINAL, "result", self._count, None))

    def _over(self, word: str, value: Any) -> None:
        if word == "exit":
            raise SystemExit(value)
        if word == "gone":
            raise SystemExit("rebeam: the program is gone")
        if word == "lost":
            self.write(f"{value}\n")

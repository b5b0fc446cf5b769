"""Actors, supervision and messages for Python, on the BEAM.

Run a program with `rebeam main.py` in place of `python main.py`:

    from rebeam import GenPy, Supervisor, ask, receive

    class Counter(GenPy):
        def __init__(self, first=0):
            self.name, self.n = "counter", first

        @receive("add")
        def add(self, message):
            self.n += message
            return self.n

    if __name__ == "__main__":
        with Supervisor([Counter(10)]):
            print(ask("counter", "add", 1))

actors       `GenPy`, `@start`, `@receive`, `@info`, `@idle`, `@stop`; state machines:
             `GenStateMachine`, `@event`, `@enter`, `@timeout`
messages     `ask`, `call`, `cast`, `call_many`, `ask_async`; `no_reply`, `reply`; `send_after`
supervision  `Supervisor`, `DynamicSupervisor`, `child`, `start_child`, `run_register_process`
processes    `spawn`, `link`, `monitor`, `exit`; tasks: `async_`, `await_`, `async_stream`
names        `register`, `whereis`, `Registry`, `Via`, `GlobalName`
groups       `join`, `members`, `broadcast`; topics: `subscribe`, `publish`
data         `Table`, `Counter`, `Gauge`, `Flag`
looking in   rebeam.observe
tests        rebeam.testing

`rebeam help` lists the guides, `rebeam help reference` all names. Under `python` itself this
package can be imported, but what needs the runtime raises RuntimeError. (PYTEST_DONT_REWRITE:
pytest finds it loaded.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rebeam._engine import outside as _outside

# Before the rest: the functions of this package suspend too.
if _outside.INSIDE:
    from rebeam._engine import package as _package

    _package.install()
else:
    from rebeam._engine import stand_in as _stand_in

    _stand_in.install()

if TYPE_CHECKING:
    from rebeam._surface import *  # noqa: F403
    from rebeam._surface import __all__ as __all__


def __getattr__(name: str) -> Any:
    """What is public is loaded when a program asks for some of it. Many plain scripts never do."""
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module 'rebeam' has no attribute {name!r}")
    from rebeam import _surface

    value = globals()[name] = getattr(_surface, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})

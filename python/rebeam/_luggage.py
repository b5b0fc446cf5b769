"""What an actor takes along that moves: its instance, as data (lib/rebeam/actor/moving.ex).

Mostly that is the class by its name and the state, as pickle would take it (`__getstate__`,
`__setstate__`); a class that says otherwise how it is pickled goes as such a pickle.
"""

from __future__ import annotations

import copyreg
import re
from typing import Any

from rebeam import _code_change, _kept
from rebeam._engine import event_loop
from rebeam._globals import find_global, named
from rebeam._native import pack, response_error

# How it is packed: by its class's name and state, or as a whole.
_BY_STATE, _WHOLE = "state", "whole"


def given(instance: Any) -> Any:
    """What makes it elsewhere, or a response that says why it cannot go."""
    try:
        if text := event_loop.keeps():
            raise TypeError(f"it has {text}")
        code = _code_change.stamp(instance)
        kept = _kept.find(instance)
        how, what = _described(instance)
        beside = None if kept is None else kept.state
        current = None if kept is None else kept.current
        _check(instance, what, beside)
        return "moved", how, what, beside, current, code
    except Exception as error:
        return response_error(str(error) or type(error).__name__)


def _described(instance: Any) -> tuple[str, Any]:
    reduced = instance.__reduce_ex__(4)
    if isinstance(reduced, tuple) and _is_plain(reduced[:2], type(instance)):
        state, *more = [*reduced[2:], None][:3]
        if not any(more):
            return _BY_STATE, (named(type(instance)), _without_kept(state))
    return _WHOLE, instance


def _is_plain(making: Any, cls: type) -> bool:
    """Whether it is made of its class alone, by `copyreg.__newobj__`: below GenPy's own."""
    arguments = making[1]
    return (
        getattr(making[0], "__name__", None) == "_copied"
        and arguments[1] is copyreg.__newobj__  # type: ignore[attr-defined]
        and arguments[2] == (cls,)
    )


def _without_kept(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: value for name, value in state.items() if name != _kept.NAME}
    return state


def _check(instance: Any, what: Any, beside: Any) -> None:
    """TypeError that names the attribute which cannot go."""
    try:
        pack((what, beside))
    except Exception as error:
        name = _culprit(what[1] if type(what) is tuple else getattr(instance, "__dict__", {}))
        name = name or (_culprit({"state": beside}))
        why = re.sub(r"^value\S*: ", "", str(error))  # the path to what is in here
        raise TypeError(f"{name or 'it'} cannot be packed: {why}") from None


def _culprit(state: Any) -> str | None:
    for each in state if isinstance(state, tuple) else (state,):
        for name, value in each.items() if isinstance(each, dict) else ():
            try:
                pack(value)
            except Exception:
                return f"self.{name}"
    return None


# ---- where it comes to -----------------------------------------------------------------------


def made(how: str, what: Any, beside: Any, current: str | None, code: Any) -> Any:
    """The instance, as it was, or as its class here has become since."""
    instance = what if how == _WHOLE else _made_of(*what)
    kept = _kept.of(instance)
    kept.cls, kept.arguments = type(instance), None
    kept.state, kept.current = beside, current
    _code_change.arrive(instance, code)
    return instance


def _made_of(cls: Any, state: Any) -> Any:
    if type(cls) is tuple:
        cls = find_global(*cls)
    instance = copyreg.__newobj__(cls)  # type: ignore[attr-defined]
    if state is None:
        return instance
    if hasattr(instance, "__setstate__"):
        instance.__setstate__(state)
        return instance
    named, slots = state if type(state) is tuple and len(state) == 2 else (state, None)
    if named:
        instance.__dict__.update(named)
    for name, value in (slots or {}).items():
        object.__setattr__(instance, name, value)
    return instance

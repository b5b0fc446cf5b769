"""What a crash report shows of an actor's values: texts, which are cut, and never fail."""

from __future__ import annotations

import types
from typing import Any

from rebeam import _frames, _kept

_CUT = 500
_LOCALS_MAX = 50


def shown(value: object) -> str:
    """Its repr."""
    try:
        text = repr(value)
    except Exception as error:
        return f"<its repr raised {type(error).__name__}>"
    return text if len(text) <= _CUT else text[:_CUT] + "..."


def class_of(instance: object) -> str:
    """What its class is called; nothing for what has no instance."""
    return "" if instance is None else type(instance).__qualname__


def state_of(instance: Any) -> str:
    """The attributes of an instance, as those of a dict; nothing if there are none."""
    if instance is None:
        return ""
    try:
        attributes = {name: value for name, value in vars(instance).items() if name[:2] != "__"}
        kept = _kept.find(instance)
        if kept is not None and kept.state:
            attributes = {"state": kept.state, **attributes}
    except Exception as error:
        return f"<its state raised {type(error).__name__}>"
    return shown(attributes) if attributes else ""


def locals_of(error: BaseException) -> str:
    """The local variables of the user's frame that raised, a line each."""
    trace, frame = error.__traceback__, None
    while trace is not None:
        if not _frames.is_ours(trace.tb_frame.f_code.co_filename):
            frame = trace.tb_frame
        trace = trace.tb_next
    return "" if frame is None else "\n".join(_lines(frame))


def _lines(frame: types.FrameType) -> list[str]:
    names = [name for name in frame.f_locals if name.isidentifier()]
    lines = [f"{name} = {shown(frame.f_locals[name])}" for name in names[:_LOCALS_MAX]]
    return lines + ["..."] * (len(names) > _LOCALS_MAX)

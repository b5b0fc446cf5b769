"""How a program has set `logging` up, as plain data, and how a unit takes it over.

Handlers go along that write to standard output or error, or to a file; of others a unit knows
nothing, unless the body of the script makes them there too.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

_STREAMS = ("stdout", "stderr")


def describe() -> dict[str, Any] | None:
    """As it is now."""
    manager = logging.Logger.manager
    loggers: list[tuple[str | None, logging.Logger]] = [(None, logging.root)]
    for name, each in list(manager.loggerDict.items()):
        if isinstance(each, logging.Logger):
            loggers.append((name, each))
    return {
        "disable": manager.disable,
        "loggers": [(name, _logger(each)) for name, each in loggers],
    }


def take_over(told: dict[str, Any]) -> None:
    """Has it be like that here."""
    logging.disable(told["disable"])
    for name, (level, propagate, disabled, handlers) in told["loggers"]:
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.propagate, logger.disabled = propagate, disabled
        own = {each: _handler(each) for each in logger.handlers}
        for known, told_of in own.items():
            if told_of is not None and told_of not in handlers:
                logger.removeHandler(known)
        for told_of in handlers:
            if told_of not in own.values():
                logger.addHandler(_made(*told_of))


def _logger(logger: logging.Logger) -> tuple[Any, ...]:
    handlers = [told for each in logger.handlers if (told := _handler(each)) is not None]
    return logger.level, logger.propagate, logger.disabled, handlers


def _handler(handler: logging.Handler) -> tuple[Any, ...] | None:
    target = _target(handler)
    formatter = handler.formatter
    if target is None or not (formatter is None or type(formatter) is logging.Formatter):
        return None
    return target, handler.level, None if formatter is None else _formatter(formatter)


def _target(handler: logging.Handler) -> tuple[Any, ...] | None:
    if type(handler) is logging.StreamHandler:
        streams = [name for name in _STREAMS if handler.stream is getattr(sys, name)]
        return ("stream", streams[0]) if streams else None
    if type(handler) is logging.FileHandler:
        return "file", handler.baseFilename, handler.encoding, handler.errors
    return ("null",) if type(handler) is logging.NullHandler else None


def _formatter(formatter: logging.Formatter) -> tuple[Any, ...]:
    styles: dict[Any, str] = {style[0]: name for name, style in logging._STYLES.items()}
    return formatter._fmt, formatter.datefmt, styles[type(formatter._style)]


def _made(
    target: tuple[Any, ...], level: int, formatter: tuple[Any, ...] | None
) -> logging.Handler:
    kind, *rest = target
    if kind == "stream":
        handler: logging.Handler = logging.StreamHandler(getattr(sys, rest[0]))
    elif kind == "file":
        path, encoding, errors = rest
        # Whoever opened it first has begun it.
        handler = logging.FileHandler(path, "a", encoding=encoding, delay=True, errors=errors)
    else:
        handler = logging.NullHandler()
    handler.setLevel(level)
    if formatter is not None:
        handler.setFormatter(logging.Formatter(*formatter))
    return handler

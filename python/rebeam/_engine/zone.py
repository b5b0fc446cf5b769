"""Time zones between Python's tzinfo objects and the fields of Elixir's DateTime."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

__all__ = ["describe", "restore"]


def describe(moment: datetime) -> tuple[int, int, str, str] | None:
    """Return (offset, dst, zone, abbreviation) of an aware datetime.

    Offset and dst are in seconds, and the offset includes dst. None if Elixir
    cannot show them: no offset, fractions of a second, names that are no text.
    """
    try:
        offset = moment.utcoffset()
        dst = moment.dst() or timedelta(0)
        abbreviation = moment.tzname()
        if offset is None or abbreviation is None or offset.microseconds or dst.microseconds:
            return None
        key = getattr(moment.tzinfo, "key", None)
        if type(moment.tzinfo) is timezone:  # its name may be that of another zone
            key = timezone(offset).tzname(None)
        zone = key if isinstance(key, str) else abbreviation
        (zone + abbreviation).encode()
    except Exception:
        return None
    return _seconds(offset), _seconds(dst), zone, abbreviation


def restore(state: bytes, offset: int, dst: int, zone: str, abbreviation: str) -> datetime:
    """Return the datetime that Elixir showed with these fields.

    `state` is datetime's own ten bytes. The zone is looked up in the time zone
    database; where it is unknown, or has another offset then, the offset counts.
    """
    naive = datetime(state)  # type: ignore[arg-type, call-arg]
    total = timedelta(seconds=offset)
    named = _named(zone)
    for fold in (0, 1) if named else ():
        moment = naive.replace(tzinfo=named, fold=fold)
        if moment.utcoffset() == total:
            return moment
    unnamed = timezone(total)
    if unnamed.tzname(None) == abbreviation:
        return naive.replace(tzinfo=unnamed)
    return naive.replace(tzinfo=timezone(total, abbreviation))


def _seconds(delta: timedelta) -> int:
    return delta.days * 86400 + delta.seconds


def _named(zone: str) -> tzinfo | None:
    try:
        from zoneinfo import ZoneInfo

        return ZoneInfo(zone)
    except (ImportError, KeyError, OSError, ValueError):
        return None

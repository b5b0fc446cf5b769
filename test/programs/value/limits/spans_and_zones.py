"""Spans of time, zones, and clocks with zones arrive as they were: `main.py UNIT`."""

import datetime
import sys
import zoneinfo

from limits_echo import Echo

from rebeam import Supervisor, call, child, run_register_process


class Span(datetime.timedelta):
    pass


class Zone(zoneinfo.ZoneInfo):
    pass


def zone(*name, **offset):
    return datetime.timezone(datetime.timedelta(**offset), *name)


BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
ZONES = [
    datetime.UTC,
    zone("UTC"),
    zone(""),
    zone("EST", hours=-5),  # which is a key of zoneinfo's as well
    zone(hours=5, minutes=45),
    zone("Ünï", microseconds=-1),
    zone(microseconds=1),
    datetime.timezone.min,
    datetime.timezone.max,
    BERLIN,
    zoneinfo.ZoneInfo("Etc/GMT+5"),
    zoneinfo.ZoneInfo.no_cache("Europe/Berlin"),
]
SPANS = [
    datetime.timedelta(*each)
    for each in ((0,), (1,), (-1, 1, 1), (0, 0, 1), (999_999_999, 86_399, 999_999), (-999_999_999,))
]
CLOCKS = [
    made
    for each in ZONES
    for fold in (0, 1)
    for made in (
        datetime.datetime(2024, 10, 27, 2, 30, 0, 5, each, fold=fold),
        datetime.datetime(2024, 7, 1, 12, tzinfo=each, fold=fold),
        datetime.time(2, 30, 1, 7, each, fold=fold),
        datetime.time(tzinfo=each),
    )
]
OTHERS = [
    {datetime.timedelta(1): [SPANS[0]] * 2},
    datetime.datetime(1, 1, 1, tzinfo=ZONES[4]),
    datetime.datetime.max.replace(tzinfo=ZONES[3]),
    datetime.date(2024, 2, 29),
]


def facts(value):
    """What tells two of them apart."""
    if isinstance(value, (list, tuple)):
        return [facts(each) for each in value]
    if isinstance(value, datetime.timezone):
        return value is datetime.UTC, value.__getinitargs__()
    if isinstance(value, zoneinfo.ZoneInfo):
        kept = value.__reduce__()[1][1]
        return type(value), value.key, id(value) if kept else None
    if isinstance(value, (datetime.time, datetime.datetime)):
        return type(value), value.replace(tzinfo=None), value.fold, facts(value.tzinfo)
    return type(value), value


def echo(value):
    return call("echo", "echo", value)[1]


def main(unit):
    run_register_process(Supervisor([child(Echo, isolation=unit)]))
    values = SPANS + ZONES + CLOCKS + OTHERS
    for each in values:
        assert facts(echo(each)) == facts(each), each
    print(len(values), "values")
    print("together" if facts(echo(values)) == facts(values) else "not together")
    later = echo(datetime.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1))
    print("later" if later.utcoffset() == datetime.timedelta(hours=1) else "earlier")
    for each in (Span(1), Zone("Europe/Berlin"), datetime.time(tzinfo=Zone("Europe/Berlin"))):
        try:
            print("same" if echo(each) == each else "not the same")
        except TypeError as error:
            print(str(error).split(": ")[1])


if __name__ == "__main__":
    main(sys.argv[1])
    sys.exit()

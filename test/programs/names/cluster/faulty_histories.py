"""Histories that test/cluster/history.py has to find something in, and some that are right."""

import history


def act(fence, begin, end, pid=1, name="x"):
    return {"name": name, "fence": fence, "begin": begin, "end": end, "pid": pid}


def asked(value, status=None):
    lines = [{"value": value, "begin": 1}]
    return lines if status is None else [*lines, {"value": value, "end": 2, "status": status}]


def check(found, count):
    assert len(found) == count, found


def main():
    in_order = [act(1, 0, 1), act(1, 5, 6), act(2, 7, 8, pid=2), act(2, 9, 10, pid=2)]
    check(history.overlaps(in_order), 0)
    check(history.overlaps([*in_order, act(1, 7, 9)]), 0)  # it may have been in order
    check(history.overlaps([*in_order, act(1, 9, 10)]), 1)
    check(history.overlaps([*in_order, act(1, 9, 10, name="y")]), 0)
    check(history.shared(in_order), 0)
    check(history.shared([*in_order, act(2, 11, 12, pid=3)]), 1)

    lines = asked("a", "ok") + asked("b", "timeout") + asked("c")
    for final in (["a"], ["a", "b"], ["c", "a", "b"]):
        check(history.set_faults(lines, final, lines), 0)
    check(history.set_faults(lines, ["b"], lines), 1)
    check(history.set_faults(lines, ["a", "z"], lines), 1)
    check(history.set_faults(lines, ["a", "a"], lines), 1)
    check(history.order_faults([(1, "a"), (1, "b"), (2, "c")]), 0)
    check(history.order_faults([(2, "a"), (1, "b")]), 1)

    moved = history.takeovers([act(1, 0, 1 * 10**9), act(2, 0, 3 * 10**9)], "x")
    assert moved == [2.0], moved
    assert history.outcomes(lines) == {"ok": 1, "timeout": 1, "killed": 1}
    print("found")


if __name__ == "__main__":
    main()

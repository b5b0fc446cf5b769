"""Waiting for what others bring about, as long as a busy machine may take for it."""

from rebeam import call, testing, whereis


def wait_until(condition, seconds=75):
    """What condition() says, once that is true. Suspends."""
    return testing.wait_until(condition, seconds)


def replaced(name, old):
    """The process that has the name, once it is another than `old`."""
    return wait_until(lambda: (now := whereis(name)) != old and now)


def again(name, old):
    """As `replaced`, once it answers "there" with its id."""

    def new():
        status, pid = call(name, "there")
        return status and pid != old and pid

    return wait_until(new)

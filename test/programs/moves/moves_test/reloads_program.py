"""On each node: a counter that moves while its module is loaded again."""

import reloaded_count

from rebeam import Supervisor, call, child, move, reload, start_child


def begin(isolation):
    return start_child(
        "sup", child(reloaded_count.Reloaded, name="counter", isolation=isolation, id="counter")
    )


def moved(pid, node):
    """None, or why it is where it was."""
    try:
        move(pid, node)
    except RuntimeError as error:
        return str(error)


def again():
    result = reload(reloaded_count)
    return result.refused


def seen(pid):
    return call(pid, "seen", None, 30.0)[1]


if __name__ == "__main__":
    Supervisor([], name="sup")

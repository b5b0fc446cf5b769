import numpy
from lent import LARGE, SIZE, Holder, files, ready, until

from rebeam import Supervisor, call, call_many, cast, child
from rebeam._runtime import rebeam_info


def driver():
    for name in ("one", "two"):
        ready(name)
    before = rebeam_info()["shared"]
    array = numpy.arange(SIZE // 8)
    print(array.flags.writeable, cast("one", "keep", array), cast("one", "keep", array))
    kept = call("one", "kept")[1]
    # What it took is told to a server of this side, which closes the files.
    until(lambda: files() == (0, 0))
    print(kept, files(), array.flags.writeable)
    status, back = call("one", "echo", {"a": [array, array]})
    print((back["a"][0] == array).all(), back["a"][0] is back["a"][1], back["a"][0].dtype)
    until(lambda: files() == (0, 1))
    print(back["a"][0].flags.writeable, files())
    try:
        back["a"][0][0] = 1
    except ValueError as error:
        print(error)
    back = None
    print(call("two", "ask", "one")[1], call("one", "drop")[1])
    print(until(lambda: files() == (0, 0) and rebeam_info()["shared"] <= before), files())
    print(
        [each == LARGE for _, each in call_many([("one", "echo", LARGE), ("two", "echo", LARGE)])]
    )
    print(until(lambda: files() == (0, 0)))


if __name__ == "__main__":
    Supervisor(
        [
            child(Holder(), name="one", isolation="process"),
            child(Holder(), name="two", isolation="process"),
            child(Holder(), name="here"),
            child(driver, restart="transient", significant=True),
        ]
    )

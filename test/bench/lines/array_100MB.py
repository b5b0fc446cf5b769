"""An array of 100 MB in a call between two actors, as in bytes_100k.py."""

import asyncio
import functools

from bench.line import Goal, Line
from bench.lines import bytes_100k

line = Line("an array of 100 MB in a call", "us", [Goal(12)], slow=True)


def array():
    import numpy

    return numpy.ones(13_107_200)


line.ours(2_000)(functools.partial(bytes_100k.ours, array))
line.entry("asyncio", 2_000, "numpy")(lambda count: asyncio.run(bytes_100k.queued(array(), count)))
line.entry("pickled", 5, "numpy")(lambda count: bytes_100k.by_pickle(array(), count))

if __name__ == "__main__":
    line.serve()

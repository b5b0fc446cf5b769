"""Whatever guards what a program does, a unit does not do it; what it leaves out defines nothing."""

import contextlib
import os
import sys

from rebeam import GenPy, call, child, receive, run_register_process

print(limit := 5, flush=True)
did = []


def do(what):
    did.append(what)
    os.write(1, f"did {what}\n".encode())
    print("said", what, flush=True)
    return what


class StandsFor:
    """A proxy of a class, as libraries make them: its own type is no metaclass."""

    __class__ = type  # type: ignore[assignment]


proxy = StandsFor()


class Look(GenPy):
    @receive("look")
    def look(self):
        names = ("limit", "other", "third", "late", "found", "parts", "more", "n", "Later")
        there = [name for name in names if name in globals()]
        return __name__, type(self).__module__, did, there, sys.modules["__main__"].Look is Look


if __name__ == "__main__" and os.environ.get("GO", "1"):
    do("and")
if __name__ in ("__main__",):
    do("in")
if not __name__ != "__main__":
    do("not")
__name__ == "__main__" and do("expression")
if "__main__" == __name__:
    do("turned")
else:
    other = 1
match __name__:
    case "__main__":
        do("match")
if (n := 3) and __name__ == "__main__":
    do("walrus")
main = __name__ == "__main__"
if main:
    do("variable")

pid = run_register_process(child(Look, isolation="process"))  # not guarded: asks the runtime
print(call(pid, "look")[1])
print(third := 7, "third")
do("behind")
try:
    import colorsys
except ImportError:
    do("import")
else:
    found = colorsys.__name__
if sys.version_info >= (3, 99):
    do("version")
else:
    parts = [1, 2]
    parts += [3]
more: int = 4
late = do("late")
with open(__file__ + ".note", "a") as note:
    header = "a"
    note.write("noted ")
with contextlib.suppress(ImportError):
    import colorsys as suppressed


class Later(GenPy):
    @receive("there")
    def there(self):
        return parts, limit, more, suppressed.__name__


print(call(run_register_process(child(Later, isolation="process")), "there")[1])
with open(__file__ + ".note") as note:
    print(note.read())

"""A message runs the handler that the class has now, in whatever way it came to it."""

from unittest import mock

from rebeam import GenPy, GenStateMachine, call, event, receive, run_register_process


def with_extra(cls):
    cls.extra = receive("extra")(lambda self, message: ("extra", message))
    return cls


@with_extra
class Base(GenPy):
    @receive("go")
    def go(self, message):
        return "base", message

    @receive()
    def other(self, subject):
        return "other", subject


class Muted(Base):
    go = None


class Derived(Base): ...


class Machine(GenStateMachine):
    initial_state = "on"

    @event("go")
    def go(self, message):
        return "machine", message


if __name__ == "__main__":
    base, muted, derived = map(run_register_process, (Base, Muted, Derived))
    machine = run_register_process(Machine)
    print(call(base, "go", 1)[1], call(base, "extra", 1)[1], call(muted, "go", 1)[1])
    with mock.patch.object(Base, "go", lambda self, message: ("patched", message)):
        print(call(base, "go", 2)[1], call(derived, "go", 2)[1], call(muted, "go", 2)[1])
    with mock.patch.object(Base, "go", autospec=True, return_value="specified") as specified:
        print(call(base, "go", 2)[1], call(derived, "go", 2)[1], specified.call_count)
    print(call(base, "go", 3)[1], call(derived, "go", 3)[1])
    Derived.go = lambda self, message: ("set", message)
    Base.late = receive("late")(lambda self, message: ("late", message))
    print(call(derived, "go", 4)[1], call(derived, "late", 4)[1], call(base, "go", 4)[1])
    kept, Derived.kept = Derived.go, Derived.go
    Derived.go = lambda self, message: ("around", *kept(self, message))
    print(call(derived, "go", 4)[1])
    Base.before, Base.go = Base.go, lambda self, message: ("around", *self.before(message))
    print(call(base, "go", 4)[1])
    del Derived.go, Derived.kept, Base.before
    Base.go = receive("gone")(lambda self, message: ("gone", message))
    print(call(derived, "go", 5)[1], call(derived, "gone", 5)[1])
    for number in range(2000):  # more often than CPython gives a class version numbers
        Base.late = receive("late")(lambda self, message, number=number: number)
        assert number % 100 or call(base, "late", 6) == ("ok", number), number
    print("2000 times")
    with mock.patch.object(Machine, "go", lambda self, message: ("patched", message)):
        print(call(machine, "go", 7)[1])
    print(call(machine, "go", 7)[1])

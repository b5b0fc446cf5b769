from rebeam import GenStateMachine, Supervisor, call, child, event, next_state, run_register_process


class Mixin:
    @event("mixed")
    def mixed(self):
        return "mixin"


class Base(GenStateMachine):
    initial_state = "a"

    @event("x", state=("a", "b"))
    def x(self):
        return "base x"

    @event("y")
    def y(self):
        return "base y"

    @event("overridden")
    def plain(self):
        return "base"

    @event("go")
    def go(self, message):
        return next_state(message, "gone")

    @event(state="a")
    def rest(self, subject):
        return f"rest of a: {subject}"

    @event()
    def other(self, subject, current):
        return f"other: {subject} in {current}"


class Derived(Mixin, Base):
    @event("x", state="b")
    def renamed(self):
        return f"derived x, {super().x()}"

    @event("y", state="a")
    def y_in_a(self):
        return "derived y in a"

    def plain(self):
        return f"derived, {super().plain()}"

    @event("lambda")
    def wrapped(self):
        return 1


def drive():
    for cls in (Base, Derived):
        machine = run_register_process(cls)
        for state in ("a", "b"):
            print(call(machine, "go", state)[1])
            for subject in ("x", "y", "overridden", "mixed", "z"):
                print(cls.__name__, state, call(machine, subject)[1])


Supervisor(modules=[child(drive, restart="transient", significant=True)])

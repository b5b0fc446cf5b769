from rebeam import GenPy, call, receive, run_register_process, start


class Mixin:
    @receive("mixed")
    def mixed(self):
        return "mixin"


class Base(GenPy):
    @start()
    def boot(self):
        self.log = ["base start"]

    @receive("a")
    def first(self, message):
        return ["base a", message]

    @receive("b")
    def second(self, message):
        return ["base b", message]

    @receive("c")
    def third(self):
        return "base c"

    @receive()
    def other(self, subject):
        return ["base other", subject]


class Derived(Mixin, Base):
    @start()
    def again(self):
        super().boot()
        self.log.append("derived start")

    @receive("a")
    def renamed(self, message):
        return ["derived a", *super().first(message)]

    @receive("b")
    def second(self, message):
        return ["derived b", *super().second(message)]

    def third(self):
        return "derived c, undecorated"

    @receive("log")
    def show(self):
        return self.log


class Last(Derived):
    @receive()
    def other(self, subject):
        return ["last other", *super().other(subject)]


for cls in (Base, Derived, Last):
    it = run_register_process(cls)
    print(cls.__name__, *[call(it, subject, 1)[1] for subject in ("a", "b", "c", "log", "mixed")])

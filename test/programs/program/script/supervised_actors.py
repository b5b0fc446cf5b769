from rebeam import GenPy, call, receive, sleep, start, stop


class Counter(GenPy):
    def __init__(self, first=0, *, step=1, log=None, name=None):
        if first == "bad":
            raise ValueError("constructed badly")
        if name is not None:
            self.name = name
        self.n, self.step, self.log = first, step, log

    @receive("add")
    def add(self, message):
        self.n += message * self.step
        return self.n

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")

    @receive("exit")
    def exit(self, message):
        raise SystemExit(message)

    @stop()
    def bye(self, reason):
        if self.log:
            with open(self.log, "a") as file:
                print("stop", self.n, reason.splitlines()[-1], file=file)


class Pair(GenPy):
    def __init__(self, items):
        items.append(len(items))
        self.items = items

    @receive("items")
    def all(self):
        return self.items

    @receive("crash")
    def crash(self):
        self.items.append("spoilt")
        raise ValueError("on purpose")


class Outer:
    class Inner(GenPy):
        @receive("hi")
        def hi(self):
            return call("asked_by_inner", "name")[1]


class Asked(GenPy):
    @receive("name")
    def name_(self):
        sleep(0.01)
        return "asked"


class StartFails(GenPy):
    @start()
    def boot(self):
        raise KeyError("at start")


class Plain:
    pass

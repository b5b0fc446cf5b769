from rebeam import (
    GenPy,
    GenStateMachine,
    cast,
    event,
    keep_state,
    receive,
    response_ok,
    self_pid,
    sleep,
    start,
    stop,
    whereis,
)


class Worker(GenPy):
    def __init__(self, number=0, name=None):
        self.number = number
        if name:
            self.name = name

    @receive("number")
    def tell(self):
        return self.number

    @receive("there")
    def there(self):
        return self_pid()

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


class Counted(GenPy):
    """Tells a witness of its start and its end; one of a certain number fails."""

    def __init__(self, number, fails=-1):
        self.number = number
        self.fails = fails

    @start()
    def boot(self):
        if self.number == self.fails:
            raise KeyError(f"no start of {self.number}")
        cast("witness", "begun", self.number)

    @stop()
    def bye(self):
        if self.number != self.fails:
            cast("witness", "ended", self.number)


class Witness(GenPy):
    """Which of them have begun, and which have ended since."""

    name = "witness"

    def __init__(self):
        self.begun = []
        self.ended = []

    @receive("begun")
    def begin(self, message):
        self.begun.append(message)

    @receive("ended")
    def end(self, message):
        self.ended.append(message)

    @receive("all")
    def all(self):
        both = sorted(self.begun), sorted(self.ended)
        self.__init__()
        return both


class Waits(GenPy):
    """Its start waits for another one of the same call."""

    def __init__(self, name, other):
        self.name = name
        self.other = other

    @start()
    def boot(self):
        while whereis(self.other) is None:
            sleep(0.001)


class Never(GenPy):
    """Its start never ends."""

    def __init__(self, name):
        self.name = name

    @start()
    def boot(self):
        sleep(1e6)


began = set()


class Once(Never):
    """The first time it never ends."""

    @start()
    def boot(self):
        if self.name not in began:
            began.add(self.name)
            sleep(1e6)


class Machine(GenStateMachine):
    initial_state = "on"

    @event("state")
    def tell(self):
        return keep_state(response_ok(self.state))


def forever():
    sleep(1000)


def done():
    pass

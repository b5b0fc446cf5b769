from rebeam import GenPy, Supervisor, info, link, monitor, receive, sleep, start, trap_exit


class Plain(GenPy):
    def __init__(self, name, trap):
        self.name, self.trap, self.saw = name, trap, []

    @start()
    def begin(self):
        trap_exit(self.trap)

    @receive("watch")
    def watch(self, message):
        link(message)
        monitor(message)

    @receive("seen")
    def seen(self, message):
        if len(self.saw) < message:
            return None
        saw, self.saw = self.saw, []
        return sorted(saw)

    @receive("crash")
    def crash(self):
        raise ValueError("seen from Elixir")

    @info()
    def note(self, message):
        self.saw.append((type(message).__name__, getattr(message, "reason", "")))


def rest():
    sleep(1000)


Supervisor(modules=[Plain("watcher", True), Plain("plain", False), rest])

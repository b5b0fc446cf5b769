"""A program that runs until it is ended, whose module others change."""

import edited

from rebeam import GenPy, Supervisor, receive, start

TEXT = """
    from rebeam import GenPy, cast, receive, send_after, self_pid, start
    class Counter(GenPy):
        name = "counter"
        @start()
        def boot(self): send_after(0.05, self_pid(), "tell", None)
        @receive("tell")
        def tell(self):
            print(self.word(), flush=True)
            if self.word() != "one": cast("editor", "edit", ("return", "return ("))
            send_after(0.05, self_pid(), "tell", None)
        def word(self): return "one"
    """


class Editor(GenPy):
    name = "editor"
    done = False

    @start()
    def boot(self):
        edit('return "one"', 'return "two"')
        print("ready", flush=True)

    @receive("edit")
    def edit(self, message):
        if not self.done:  # or somebody might read a file that is half written
            self.done = True
            edit(*message)


def edit(old, new):
    edited.write(m.__name__, edited.source(m).replace(old, new))


if __name__ == "__main__":
    m = edited.module(TEXT, "served_module")
    Supervisor([m.Counter(), Editor()])

from children_worker import ids, last, said

from rebeam import (
    GenPy,
    Supervisor,
    call,
    child,
    receive,
    restart_child,
    run_register_process,
    start,
    stop,
    terminate_child,
    whereis,
)


class Asks(GenPy):
    name = "asks"

    @start()
    def boot(self):
        self.ask("start")

    @receive("ask")
    def ask(self, message):
        print(message, *[str(said(lambda: ids(sup)))[:42] for sup in ("inner", "top", "other")])

    @stop()
    def bye(self):
        self.ask("stop")


def drive():
    call("asks", "ask", "later")
    old = whereis("asks")
    terminate_child("inner", "asks")
    restart_child("inner", "asks")
    terminate_child("top", "inner")


run_register_process(Supervisor(name="other"))
Supervisor(
    name="top",
    modules=[
        child(Supervisor(name="inner", modules=[child(Asks, id="asks")]), id="inner"),
        last(drive),
    ],
)

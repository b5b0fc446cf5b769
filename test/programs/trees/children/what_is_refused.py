from children_worker import Worker, ids, last, said

from rebeam import (
    Supervisor,
    child,
    delete_child,
    restart_child,
    start_child,
    terminate_child,
    whereis,
    which_children,
)


def drive():
    top, alone, never = whereis("top"), whereis("alone"), whereis("never")
    start_child(top, child(Worker(), id="x"))
    ended = start_child(top, child(Worker(), id="ended"))
    terminate_child(top, "ended")
    lost = dict(restart="transient", significant=True)
    for function in (
        lambda: start_child(top, child(Worker(), id="x")),
        lambda: start_child(top, child(Worker(), id="ended")),
        lambda: restart_child(top, "x"),
        lambda: delete_child(top, "x"),
        lambda: terminate_child(top, "nobody"),
        lambda: terminate_child(top, ended),
        lambda: restart_child(top, alone),
        lambda: delete_child(top, "nobody"),
        lambda: which_children("nobody"),
        lambda: which_children(("top", "no@where")),
        lambda: which_children(alone),
        lambda: which_children(17),
        lambda: terminate_child(top, 17),
        lambda: start_child(top, "nowhere.py"),
        lambda: start_child(never, child(Worker(), **lost)),
        lambda: start_child(top, Worker("alone")),
        lambda: start_child(top, child(Supervisor(), name="never")),
    ):
        text = said(function)
        for name in ("top", "alone", "never"):
            text = text.replace(str(whereis(name)), name.upper())
        print(text.replace(str(ended), "ENDED"))
    print(ids(top))


Supervisor(name="top", modules=[Worker("alone"), Supervisor(name="never"), last(drive)])

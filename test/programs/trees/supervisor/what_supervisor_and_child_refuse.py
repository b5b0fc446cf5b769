from rebeam import GenPy, Supervisor, child


class Actor(GenPy):
    pass


def refused(function, *names):
    try:
        function()
    except (TypeError, ValueError, FileNotFoundError) as error:
        print(type(error).__name__, *[name in str(error) for name in names])
    else:
        print("not refused")


refused(lambda: Supervisor(modules=[5]), "5")
refused(lambda: Supervisor(modules=["nowhere.py"]), "nowhere.py")
refused(lambda: Supervisor(modules=[], strategy="one_for_two"), "one_for_two")
refused(lambda: Supervisor(modules=[], max_restarts=-1), "max_restarts", "-1")
refused(lambda: Supervisor(modules=[], max_seconds=0), "max_seconds", "0")
refused(lambda: Supervisor(modules="x.py"), "x.py")
refused(lambda: child(print, restart="never"), "never")
refused(lambda: child(print, shutdown=-1), "-1")
refused(lambda: child(print, shutdown="soon"), "soon")
refused(lambda: child(Actor, significant=True), "transient")
refused(lambda: child(Actor(), significant=True), "transient")
refused(lambda: child(print, restart="permanent", significant=True), "transient")
refused(lambda: child(print, name=""), "name")
refused(lambda: Supervisor(modules=[child(print, id="x"), child(len, id="x")]), "'x'")

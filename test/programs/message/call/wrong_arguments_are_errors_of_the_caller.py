from call_actors import Slow

from rebeam import call, cast, run_register_process, sleep

it = run_register_process(Slow())


def refused(function):
    try:
        print("not refused", function())
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)


refused(lambda: call(it))
refused(lambda: call(it, 5))
refused(lambda: call(5, "x"))
refused(lambda: call(None, "x"))
refused(lambda: call(it, "quick", timeout=-1))
refused(lambda: call(it, "quick", timeout="5"))
refused(lambda: call(it, "quick", 1, 2, 3))
refused(lambda: call(it, "quick", massage=1))
refused(lambda: call(it, "quick", target=it))
refused(lambda: cast(it, "x", sender_pid=5))
refused(lambda: sleep(-1))
refused(lambda: sleep("1"))

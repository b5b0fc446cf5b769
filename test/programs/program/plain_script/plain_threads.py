import sys
import threading


def run(function, name):
    thread = threading.Thread(target=function, name=name)
    thread.start()
    thread.join()


run(lambda: 1 / 0, "divides")
run(lambda: sys.exit(5), "exits")
threading.excepthook = lambda args: print("hook", args.exc_type.__name__, args.thread.name)
run(lambda: {}["x"], "looks up")
local = threading.local()
local.x = 1
run(lambda: print(hasattr(local, "x")), "local")
results = []
threads = [threading.Thread(target=lambda n=n: results.append(n * n)) for n in range(50)]
[each.start() for each in threads]
[each.join() for each in threads]
print(sorted(results) == [n * n for n in range(50)])

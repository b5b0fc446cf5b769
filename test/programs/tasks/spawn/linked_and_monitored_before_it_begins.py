import sys

from spawn_actors import Owner, saw

from rebeam import call, exit, run_register_process, self_pid, spawn_link, spawn_monitor, trap_exit

run_register_process(Owner)


def fail():
    raise ValueError("at once")


def kill():
    exit(self_pid(), "kill")


def leave():
    sys.exit()


def leave_badly():
    sys.exit(3)


def many():
    trap_exit()
    for _ in range(100):
        for function in (fail, kill, leave, leave_badly, len):
            args = [()] if function is len else []
            pids.append((function.__name__, spawn_link(function, *args)))
            pids.append((function.__name__, spawn_monitor(function, *args)[0]))


pids = []
call("owner", "run", "many", timeout=60)
seen = saw(1000)
names = dict((pid, name) for name, pid in pids)
found = {}
for each in seen:
    key = type(each).__name__, names[each.pid], each.reason.splitlines()[-1]
    found[key] = found.get(key, 0) + 1
for key in sorted(found):
    print(*key, found[key])

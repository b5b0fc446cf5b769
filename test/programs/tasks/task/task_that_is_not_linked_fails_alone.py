import sys
import threading

from task_actors import attempt, fail, last, owner
from waiting import wait_until

from rebeam import TaskError, async_, await_, call, exit, is_alive, self_pid


def badly(fn, *args):
    task = async_(fn, *args, linked=False)
    try:
        return await_(task)
    except TaskError as error:
        assert error.reason == str(error) and isinstance(error, RuntimeError)
        return last(error.reason)


def failures():
    kill = lambda: exit(self_pid(), "kill")
    gone = async_(fail, linked=False)
    wait_until(lambda: not is_alive(gone.pid))
    return [
        badly(fail),
        badly(kill),
        badly(sys.exit),
        badly(sys.exit, 3),
        badly(exit_boom),
        badly(threading.Lock),
        badly(lambda: {"a": [lambda: 0]}),
        attempt(await_, gone),
        attempt(await_, gone),
    ]


def exit_boom():
    exit(self_pid(), "boom")


pid = owner()
for line in call("owner", "run", "failures")[1]:
    print(line)
print(is_alive(pid))
print(failures() == call("owner", "run", "failures")[1])

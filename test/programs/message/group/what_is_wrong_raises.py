import threading

from group_actors import begin

from rebeam import broadcast, call, join, leave, local_members, members


def attempt(function, *args):
    try:
        print(function(*args))
    except (TypeError, RuntimeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")


(one,) = begin(1)
call(one, "join", "room")
for function in (join, leave, members, local_members):
    attempt(function, 5)
attempt(broadcast, "room", 5)
attempt(broadcast, "room", "x", [threading.Lock()])
attempt(members, "\ud800")
for function in (join, leave, members):
    thread = threading.Thread(target=attempt, args=(function, "room"))
    thread.start()
    thread.join()
print(call(one, "got")[1])

import asyncio
import threading

from async_actors import Slow, helper
from baseline import counts, settled

from rebeam import (
    GenPy,
    ProcessID,
    call,
    call_async,
    receive,
    register,
    run_register_process,
    self_pid,
    whereis,
)


class Who(GenPy):
    @receive("who")
    async def who(self):
        me = ProcessID()

        async def task():
            await asyncio.sleep(0)
            return ProcessID(), self_pid(), call("slow", "source")[1]

        def thread():
            return ProcessID(), self_pid(), call("slow", "source")[1]

        seen = [await task()]
        seen += await asyncio.gather(*(task() for _ in range(20)))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(task()) for _ in range(5)]
            tasks += [group.create_task(asyncio.to_thread(thread)) for _ in range(5)]
        seen += [each.result() for each in tasks]
        later = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(lambda: later.set_result(ProcessID()))
        seen.append((await later,) * 3)
        seen.append(sorted([(me,) * 3], key=lambda _: call("slow", "source")[1])[0])
        register("who")
        return set(seen) == {(me, me, me)}, whereis("who") == me, len(seen)


run_register_process(Slow())
who = run_register_process(Who())
before = counts()
for _ in range(3):
    print(call(who, "who"))
    call(who, "unknown")
    call(who, "unregister")
    break
print(settled(before))


async def main():
    answers = await asyncio.gather(*(call_async("slow", "twice", (0, n)) for n in range(10)))
    return (
        [answer for _, answer in answers],
        helper(1),
        (await call_async("slow", "source"))[1] == self_pid(),
    )


print(asyncio.run(main()))


def thread():
    print(asyncio.run(call_async("slow", "twice", (0, 3))))


other = threading.Thread(target=thread)
other.start()
other.join()
print(settled(before))

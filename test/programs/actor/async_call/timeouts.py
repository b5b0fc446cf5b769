import asyncio
import sys

from async_actors import Slow, helper
from baseline import counts, settled

from rebeam import GenPy, call, call_async, child, receive, run_register_process


class Asker(GenPy):
    @receive("go")
    async def go(self):
        seen = [await call_async("slow", "twice", (1.0, "late"), timeout=0.05)]
        try:
            async with asyncio.timeout(0.05):
                helper("later", 0.3)
        except TimeoutError:
            seen.append("timeout")
        try:
            await asyncio.wait_for(call_async("lasting", "twice", (2, "x")), 0.05)
        except TimeoutError:
            seen.append("wait_for")
        task = asyncio.create_task(call_async("other", "twice", (0.1, "y")))
        await asyncio.sleep(0)
        task.cancel()
        seen.append((await asyncio.gather(task, return_exceptions=True))[0].__class__.__name__)
        seen += [call("other", "twice", (0, n))[1] for n in range(3)]
        seen += await asyncio.gather(*(asyncio.to_thread(helper, n) for n in range(3)))
        return seen, await call_async("nobody", "x"), await call_async("gone", "x")

    @receive("more")
    async def more(self):
        for _ in range(200):
            try:
                async with asyncio.timeout(0.0005):
                    await asyncio.gather(
                        *(call_async("other", "twice", (0.0004, n)) for n in range(5))
                    )
            except TimeoutError:
                pass
            a, b = asyncio.create_task(call_async("other", "twice", (0, 1))), helper(2)
            assert (await a)[1] == 2 and b == 4
        return "right"


class Gone(GenPy):
    name = "gone"

    @receive("x")
    async def go(self):
        await asyncio.sleep(0.1)
        sys.exit()


run_register_process(Slow())
run_register_process(Slow("other"))
run_register_process(Slow("lasting"))
asker = run_register_process(Asker())
before = counts()
run_register_process(child(Gone(), restart="temporary"))
for each in call(asker, "go", timeout=60)[1][0]:
    print(each)
print(call(asker, "more", timeout=60))
print(settled(before))

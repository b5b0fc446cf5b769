import asyncio

from async_actors import Quick
from baseline import counts, rebeam_info, settled
from waiting import wait_until

from rebeam import GenPy, Status, call, call_async, cast, receive, run_register_process, whereis

quick = run_register_process(Quick())
call(quick, "quick", 1)
before, threads = counts(), rebeam_info()["threads"]


class Asleep(GenPy):
    @receive("sleep")
    async def sleep(self, message):
        while not gate:
            await asyncio.sleep(message)
        return "slept"


gate = []
sleepers = [run_register_process(Asleep()) for _ in range(200)]


class Asker(GenPy):
    @receive("ask")
    async def ask(self, message):
        answers = await asyncio.gather(*(call_async(each, "sleep", 0.05, 60) for each in message))
        return [answer for _, answer in answers].count("slept")


asker = run_register_process(Asker())


class Collector(GenPy):
    name = "collector"

    def __init__(self):
        self.got = None

    @receive("ask")
    def ask(self, message):
        self.got = message

    @receive("got")
    def answer(self):
        return self.got


run_register_process(Collector())
cast(asker, "ask", sleepers, sender_pid=whereis("collector"))
wait_until(lambda: rebeam_info()["suspended"] - before["suspended"] == 201)
print("suspended 201")
for n in range(50):
    assert call("quick", "quick", n) == (Status.OK, n + 1)
print("quick", call("collector", "got")[1])
gate.append("open")
wait_until(lambda: call("collector", "got")[1])
print(call("collector", "got")[1], rebeam_info()["threads"] - threads < 8)
before["actors"] += 202
before["handles"] += 202
print(settled(before))

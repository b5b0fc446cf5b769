import asyncio
import time

from async_actors import Asleep, Quick
from baseline import counts, rebeam_info, settled

from rebeam import GenPy, Status, call, call_async, cast, receive, run_register_process, whereis

quick = run_register_process(Quick())
call(quick, "quick", 1)
before, threads = counts(), rebeam_info()["threads"]
sleepers = [run_register_process(Asleep()) for _ in range(200)]


class Asker(GenPy):
    @receive("ask")
    async def ask(self, message):
        answers = await asyncio.gather(*(call_async(each, "sleep", 1.5) for each in message))
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
time.sleep(0.5)
print("suspended", rebeam_info()["suspended"] - before["suspended"])
begun = time.monotonic()
for n in range(50):
    assert call("quick", "quick", n) == (Status.OK, n + 1)
print("quick" if time.monotonic() - begun < 0.5 else time.monotonic() - begun)
while (got := call("collector", "got")[1]) is None:
    time.sleep(0.02)
print(got, rebeam_info()["threads"] - threads < 8)
before["actors"] += 202
before["handles"] += 202
print(settled(before))

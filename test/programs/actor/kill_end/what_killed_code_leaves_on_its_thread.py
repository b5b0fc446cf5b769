import asyncio

from kill_end_actors import begun, busy, killed

from rebeam import ActorExit, GenPy, call_many, child, receive, run_register_process


class Runner(GenPy):
    @receive("for ever")
    def for_ever(self):
        async def main():
            begun.append(True)
            while True:
                try:
                    busy(100)
                except ActorExit:
                    pass

        asyncio.run(main())

    @receive("once")
    def once(self):
        async def main():
            busy(0.05)

        asyncio.run(main())


print(killed(Runner, ("for ever", None)))
runners = [run_register_process(child(Runner(), restart="temporary")) for _ in range(10)]
print(*[status for status, _ in call_many([(pid, "once") for pid in runners], timeout=60)])

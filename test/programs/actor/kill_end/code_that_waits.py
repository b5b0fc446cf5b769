import asyncio

from kill_end_actors import begun, killed

from rebeam import ActorExit, GenPy, receive, sleep


class Stubborn(GenPy):
    @receive("suspended")
    def suspended(self):
        try:
            begun.append(True)
            sleep(100)
        except ActorExit:
            while True:
                pass

    @receive("on its thread")
    def waiting(self):
        try:
            begun.append(True)
            list(map(sleep, [100]))
        except ActorExit:
            while True:
                pass

    @receive("asyncio.run")
    def running(self):
        async def main():
            try:
                begun.append(True)
                sleep(100)
            except ActorExit:
                while True:
                    pass

        asyncio.run(main())


for how in ("suspended", "on its thread", "asyncio.run"):
    print(how, killed(Stubborn, (how, None)))

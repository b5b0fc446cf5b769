import asyncio

from kill_end_actors import begun, busy, killed

from rebeam import GenPy, receive, sleep


class Tidy(GenPy):
    @receive("suspended")
    def suspended(self):
        try:
            begun.append(True)
            sleep(100)
        finally:
            busy(0.25)
            print("suspended", flush=True)

    @receive("on its thread")
    def waiting(self):
        try:
            begun.append(True)
            list(map(sleep, [100]))
        finally:
            busy(0.25)
            print("on its thread", flush=True)

    @receive("asyncio.run")
    def running(self):
        async def main():
            try:
                begun.append(True)
                sleep(100)
            finally:
                busy(0.25)
                print("asyncio.run", flush=True)

        asyncio.run(main())


for how in ("suspended", "on its thread", "asyncio.run"):
    print(killed(Tidy, (how, None)))

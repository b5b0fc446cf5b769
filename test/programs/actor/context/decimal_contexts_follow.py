import asyncio
import decimal

from rebeam import GenPy, call, call_async, receive, run_register_process, sleep


class Precise(GenPy):
    @receive("set")
    def set(self, message):
        decimal.getcontext().prec = message

    @receive("third")
    def third(self):
        return str(decimal.Decimal(1) / 3)

    @receive("local")
    async def local(self, message):
        with decimal.localcontext() as context:
            context.prec = message
            await asyncio.sleep(0.02)
            inside = str(decimal.Decimal(1) / 3)
            sleep(0.02)
            assert str(decimal.Decimal(1) / 3) == inside
        return inside, str(decimal.Decimal(1) / 3)

    @receive("local plain")
    def plain(self, message):
        with decimal.localcontext(prec=message):
            sleep(0.02)
            return str(decimal.Decimal(1) / 3)


actors = [run_register_process(Precise()) for _ in range(6)]
for n, each in enumerate(actors):
    call(each, "set", n + 1)
print(*(call(each, "third")[1] for each in actors))


class All(GenPy):
    @receive("go")
    async def go(self, message):
        return [
            x
            for _, x in await asyncio.gather(
                *(call_async(each, message, n + 2) for n, each in enumerate(actors))
            )
        ]


all = run_register_process(All())
for pair in call(all, "go", "local")[1]:
    print(*pair)
print(*call(all, "go", "local plain")[1])

import asyncio

from doer import Doer, children, deed, deeds, no_children
from waiting import wait_until

from rebeam import call, cast, exit, run_register_process, whereis

run_register_process(Doer)


@deed
async def communicate():
    process = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
    return (await process.communicate(b"text"))[0], process.returncode


@deed
async def shell():
    process = await asyncio.create_subprocess_shell("read x; echo got $x", stdin=-1, stdout=-1)
    process.stdin.write(b"line\n")
    return await process.stdout.readline(), await process.wait()


@deed
async def killed():
    process = await asyncio.create_subprocess_exec("sleep", "1000")
    process.kill()
    return await process.wait()


@deed
async def timeout():
    process = await asyncio.create_subprocess_exec("sleep", "1000")
    try:
        await asyncio.wait_for(process.wait(), 0.1)
    except TimeoutError:
        process.terminate()
        return "timeout", await process.wait()


@deed
async def gathered():
    async def one(n):
        process = await asyncio.create_subprocess_exec("sh", "-c", f"exit {n}")
        return await process.wait()

    return await asyncio.gather(*map(one, range(20)))


for name in list(deeds):
    print(name, call("doer", "async deed", name, timeout=60)[1])


@deed
async def cancelled():
    process = await asyncio.create_subprocess_exec("sleep", "1000")
    try:
        await process.wait()
    finally:
        process.kill()
        await process.wait()


cast("doer", "async deed", "cancelled")
wait_until(lambda: children())
exit(whereis("doer"), "kill")
no_children()

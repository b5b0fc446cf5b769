import asyncio

from rebeam import GenPy, call, receive, sleep


class Slow(GenPy):
    def __init__(self, name="slow"):
        self.name = name

    @receive("twice")
    def twice(self, message):
        seconds, value = message
        sleep(seconds)
        return value * 2

    @receive("source")
    def from_whom(self, source):
        return source


class Asleep(GenPy):
    @receive("sleep")
    async def sleep(self, message):
        await asyncio.sleep(message)
        return "slept"


class Quick(GenPy):
    name = "quick"

    @receive("quick")
    async def quick(self, message):
        await asyncio.sleep(0)
        return message + 1


def helper(value, seconds=0.0):
    status, answer = call("slow", "twice", (seconds, value))
    return answer

"""An actor for deeds: they run in the body, in a plain and in an async handler."""

import asyncio
import os

from waiting import wait_until

from rebeam import GenPy, call, receive, sleep

deeds = {}


def deed(function):
    deeds[function.__name__] = function
    return function


class Doer(GenPy):
    name = "doer"

    @receive("plain")
    def plain(self, message):
        sleep(0)
        return deeds[message]()

    @receive("async")
    async def in_asyncio(self, message):
        await asyncio.sleep(0)
        return deeds[message]()

    @receive("async deed")
    async def async_deed(self, message):
        return await deeds[message]()


def everywhere(name):
    results = [deeds[name]()]
    for subject in ("plain", "async", "plain"):
        status, response = call("doer", subject, name, timeout=60)
        results.append(response if status else str(response).strip().splitlines()[-1])
    first = results[0]
    print(name, first if all(each == first for each in results) else results, flush=True)


# Our children: those that run, and those that nobody waited for.
def children():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if int(parent) == os.getpid() and name != "erl_child_setup":
            found.append((name, state))
    return found


def no_children():
    wait_until(lambda: not children())
    print("children", children())

import functools
import json
import sys

from waiting import wait_until

from rebeam import GenPy, call, receive, run_register_process

# Under Elixir the program has no end that would flush it.
print = functools.partial(print, flush=True)
# From 3.14 on CPython goes by the C stack, not by a count.
JSON = 50_000 if sys.version_info < (3, 14) else 1_000_000


class Deep(GenPy):
    name = "deep"

    @receive("sorted")
    def by_sorting(self, message):
        def down(n):
            if n == 0:
                return call("other", "echo", 0)[1]
            return sorted([n], key=lambda n: down(n - 1))[0]

        return down(message)

    @receive("json")
    def nested(self, message):
        return len(json.loads("[" * message + "]" * message))

    @receive("plain")
    def plain(self, message):
        def down(n):
            return 0 if n == 0 else 1 + down(n - 1)

        return down(message)

    @receive("calls")
    def suspending(self, message):
        def down(n):
            return call("other", "echo", 0)[1] if n == 0 else 1 + down(n - 1)

        return down(message)

    @receive("repr")
    def shown(self, message):
        nested = []
        for _ in range(message):
            nested = [nested]
        return len(repr(nested))


class Other(GenPy):
    name = "other"

    @receive("echo")
    def echo(self, message):
        return message


def drive():
    for subject, depth in (
        ("sorted", 10_000),
        ("json", JSON),
        ("plain", 100_000),
        ("calls", 100_000),
        ("repr", JSON),
    ):
        status, reason = call("deep", subject, depth, timeout=120)
        print(subject, status, str(reason).strip().splitlines()[-1].split(":")[0])
        print("Traceback" in str(reason), call("other", "echo", "fine"))
        wait_until(lambda: call("deep", "plain", 0)[0])
        # What is not too deep still works in the restarted actor.
        print(call("deep", subject, 5))


for each in (Deep, Other):
    run_register_process(each)
drive()

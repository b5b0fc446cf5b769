import enum
import os
import subprocess
import sys

from waiting import wait_until

from rebeam import GenPy, call, cast, receive, run_register_process, self_pid


class Colour(enum.Enum):
    RED = 1


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    def echo(self, message):
        return message

    @receive("ask")
    def ask(self, message):
        status, answer = call(message, "object")
        return status.value, answer

    @receive("object")
    def object(self):
        return Colour.RED


run_register_process(Echo)
if sys.argv[1:] == ["there"]:
    sys.stdin.read()
else:
    here = self_pid().node
    name, host = here.replace("here", "there").split("@")
    there = ("echo", f"{name}@{host}")
    command = ["mix", "rebeam.run", "--sname", name, "--connect", here, __file__, "there"]
    other = subprocess.Popen(
        command, stdin=subprocess.PIPE, env={**os.environ, "REBEAM_PICKLE": "no"}
    )
    wait_until(lambda: call(there, "echo", "up")[0])
    print(*call(there, "echo", [Colour.RED]))
    print(cast(there, "echo", {"a": print}), *call(there, "echo", ("still", there)))
    print(call(there, "ask", ("echo", here))[1])
    other.stdin.close()
    other.wait()

import ctypes
import sys

from waiting import wait_until

from rebeam import GenPy, call, cast, child, receive, run_register_process
from rebeam._runtime import rebeam_info


class Spin(GenPy):
    @receive("go")
    def go(self):
        while True:
            pass


class Block(GenPy):
    @receive("go")
    def go(self):
        ctypes.CDLL(None).sleep(3600)


class Echo(GenPy):
    @receive("echo")
    def echo(self, message):
        return message


def main(spinners, blockers):
    items = [Spin] * spinners + [Block] * blockers
    for item in items:
        cast(run_register_process(child(item, shutdown="brutal_kill")), "go")
    echo = run_register_process(Echo)
    for number in range(20):
        print(*call(echo, "echo", number, timeout=60))
    wait_until(lambda: rebeam_info()["detached"] == spinners + blockers)
    print("busy", rebeam_info()["detached"])


main(*map(int, sys.argv[1:]))

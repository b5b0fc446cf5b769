"""The actors of fairness.exs: an echo, who asks it, and sixteen that wear their threads out."""

import ctypes
import socket
import time

from rebeam import GenPy, Supervisor, call, child, receive, run_register_process, send

libc = ctypes.CDLL(None)
pairs: list[tuple[socket.socket, socket.socket]] = []


def spin():
    while True:
        pass


def c_sleep():
    libc.sleep(3600)


def receive_bytes():
    pairs.append(socket.socketpair())
    pairs[-1][1].recv(1)


WORKS = {"while True": spin, "ctypes sleep": c_sleep, "blocking recv": receive_bytes}


class Worn(GenPy):
    @receive("go")
    def go(self, message):
        work, who = message
        send(who, "begun")
        WORKS[work]()


class Control(GenPy):
    name = "control"

    @receive("start")
    def start_many(self, message):
        return [run_register_process(child(Worn, restart="temporary")) for _ in range(message)]

    @receive("release")
    def release(self):
        for ours, _ in pairs:
            ours.send(b"x")
        pairs.clear()


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    def echo(self, message):
        return message


class Asker(GenPy):
    name = "asker"

    @receive("measure")
    def measure(self, message):
        """Seconds that each call took, for so many seconds."""
        took = []
        end = time.perf_counter() + message
        while (begin := time.perf_counter()) < end:
            assert call("echo", "echo", begin) == ("ok", begin)
            took.append(time.perf_counter() - begin)
            time.sleep(0.001)
        return took


if __name__ == "__main__":
    Supervisor([Control, Echo, Asker])

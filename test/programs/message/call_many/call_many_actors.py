import os
import sys

from rebeam import GenPy, receive, response_error, sleep


class Server(GenPy):
    def __init__(self, name=None):
        if name:
            self.name = name
        self.served = []

    @receive("double")
    def double(self, message):
        return message * 2

    @receive("error")
    def error(self, message):
        return response_error([message])

    @receive("source")
    def source(self, source, subject):
        return source, subject

    @receive("sleep")
    def sleep(self, message):
        seconds, value = message
        sleep(seconds)
        self.served.append(value)
        return value

    @receive("served")
    def all(self):
        return self.served

    @receive("die")
    def die(self, message):
        sleep(message)
        raise ValueError("dead")

    @receive("exit")
    def exit(self):
        sys.exit(0)

    @receive("odd")
    def odd(self):
        return Refused()


class Refused:
    def __reduce__(self):
        return refuse, ()


def refuse():
    raise OSError("refused on arrival")


def last(answer):
    status, response = answer
    return f"{status} {str(response).strip().splitlines()[-1]}"


def threads():
    return len(os.listdir("/proc/self/task"))

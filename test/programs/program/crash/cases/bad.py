"""What each row of cases.exs begins with: `Bad` does what the row defines as a deed."""

import ctypes
import faulthandler
import os
import signal
import subprocess
import sys
import threading
import time

from waiting import wait_until

from rebeam import *


class Other(GenPy):
    name = "other"

    def __init__(self):
        self.n = 0

    @receive("count")
    def count(self):
        self.n += 1
        return self.n


class Bad(GenPy):
    name = "bad"

    @receive("there")
    def there(self):
        return True

    @receive("do")
    def do(self, message):
        print("before", flush=True)
        return deeds[message]()

    @receive("do async")
    async def do_async(self, message):
        print("before", flush=True)
        return deeds[message]()


deeds = {}


def deed(function):
    deeds[function.__name__] = function
    return function


def asked(name, subject="do"):
    status, response = call("bad", subject, name, timeout=60)
    text = str(response).strip().splitlines()[-1].split(":")[0]
    wait_until(lambda: call("bad", "there")[0])
    print(status, text, *call("other", "count"), flush=True)


def program(function):
    Supervisor([Other(), Bad(), child(function, restart="transient", significant=True)])

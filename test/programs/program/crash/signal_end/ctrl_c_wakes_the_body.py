import ctypes
import subprocess
import threading
import time

from rebeam import GenPy, cast, child, receive, run_register_process

begun = threading.Semaphore(0)


class Starter(GenPy):
    @receive("go")
    def go(self):
        subprocess.run(["true"])
        begun.release()
        ctypes.CDLL(None).poll(None, 0, 100_000)


for _ in range(10):
    cast(run_register_process(child(Starter(), shutdown=0.1)), "go")
for _ in range(10):
    begun.acquire()
for n in range(5):
    try:
        print("ready", flush=True)
        time.sleep(1000)
    except KeyboardInterrupt:
        pass

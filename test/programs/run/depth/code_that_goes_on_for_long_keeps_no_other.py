import threading

from rebeam import GenPy, call, receive, run_register_process, sleep

stop = False


class Busy(GenPy):
    @receive("spin")
    def spin(self):
        while not stop:
            pass
        return "spun"

    @receive("block")
    def block(self):
        event.wait()
        return "blocked"


class Other(GenPy):
    name = "other"

    @receive("echo")
    def echo(self, message):
        sleep(0)
        return message


event = threading.Event()
spinning = [run_register_process(Busy) for _ in range(3)]
blocking = [run_register_process(Busy) for _ in range(20)]
run_register_process(Other)
asked = []
for each, subject in [(each, "spin") for each in spinning] + [(each, "block") for each in blocking]:
    thread = threading.Thread(
        target=lambda each=each, subject=subject: asked.append(call(each, subject, timeout=None)[1])
    )
    thread.start()
print([call("other", "echo", n, timeout=60)[1] for n in range(20)])
stop = True
event.set()
for thread in threading.enumerate():
    if thread is not threading.main_thread() and thread.name.startswith("Thread-"):
        thread.join()
print(sorted(asked) == ["blocked"] * 20 + ["spun"] * 3)

import os
import signal
import threading
import time

seen = []


def handler(number, frame):
    main = threading.current_thread() is threading.main_thread()
    seen.append((signal.Signals(number).name, main, frame is not None))


for each in (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGHUP,
    signal.SIGALRM,
):
    signal.signal(each, handler)
    assert signal.getsignal(each) is handler
print("ready", flush=True)
while len(seen) < 3:
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR2)
signal.setitimer(signal.ITIMER_REAL, 0.01)
while len(seen) < 6:
    time.sleep(0.01)
for each in sorted(seen):
    print(*each)

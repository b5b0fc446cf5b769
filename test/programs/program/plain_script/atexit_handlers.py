import atexit
import sys
import threading
import time

done = threading.Event()


def late():
    done.wait()
    time.sleep(0.2)
    print("thread is done")


class Closing:
    def __del__(self):
        print("deleted")


atexit.register(print, "atexit 1")


@atexit.register
def second():
    print("atexit 2", threading.active_count())


threading.Thread(target=late).start()
threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
kept = open("written", "w")
kept.write("flushed")
sys.stderr.write("no newline")
it = Closing()
del it
print("main is done")
done.set()

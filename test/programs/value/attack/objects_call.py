from value_echo import Echo

from rebeam import call, run_register_process, sleep
from rebeam._runtime import rebeam_info


class Asks:
    def __getstate__(self):
        sleep(0.01)
        return call("other", "back", "sent")[1]

    def __setstate__(self, state):
        sleep(0.01)
        self.got = state, *call("other", "back", "received")


def main():
    for name in ("one", "other"):
        run_register_process(Echo, name=name)
    status, asks = call("one", "back", [Asks(), Asks()])
    print(*status, [each.got[2] for each in asks])
    print(call("one", "make", "Asks")[1].got[0])
    print(rebeam_info()["shared"])


main()

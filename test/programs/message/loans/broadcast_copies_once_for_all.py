from lent import LARGE, Holder, files, ready, until

from rebeam import Supervisor, broadcast, call, child, join, members, receive, start


class Member(Holder):
    @start()
    def begin(self):
        join("all")

    @receive("inodes")
    def inodes(self):
        with open("/proc/self/maps") as file:
            return sorted({line.split()[4] for line in file if "/memfd:rebeam-" in line})


def driver():
    for name in ("one", "two"):
        ready(name)
    until(lambda: len(members("all")) == 4)
    print(broadcast("all", "keep", memoryview(LARGE)))
    until(lambda: all(call(name, "kept")[1][0] for name in ("one", "two", "three")))
    until(lambda: files() == (0, 0))
    print([call(name, "kept")[1] for name in ("one", "two", "three")], files())
    print([len(each) for each in call("local", "kept")[1][0:1]])
    inodes = call("one", "inodes")[1]
    print(len(inodes), inodes == call("two", "inodes")[1] == call("three", "inodes")[1])


if __name__ == "__main__":
    Supervisor(
        [
            child(Member(), name="one", isolation="process"),
            child(Member(), name="two", isolation="process"),
            child(Member(), name="three", isolation="process"),
            child(Member(), name="local"),
            child(Holder(), name="here"),
            child(driver, restart="transient", significant=True),
        ]
    )

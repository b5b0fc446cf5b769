import socket

from baseline import counts, settled
from kill_actors import Sink, free, last
from waiting import wait_until

from rebeam import GenPy, Supervisor, call, cast, exit, receive, run_register_process, whereis
from rebeam._runtime import rebeam_info

ours, theirs = socket.socketpair()


class Stuck(GenPy):
    name = "stuck"

    @receive("block")
    def block(self, message):
        cast("sink", "note", "begun")
        theirs.recv(message)
        cast("sink", "note", "from the dead")

    @receive("fresh")
    def fresh(self):
        return "fresh"


def main():
    run_register_process(Sink)
    tree = run_register_process(Supervisor(modules=[Stuck]))
    before = counts()
    cast("stuck", "block", 1)
    wait_until(lambda: call("sink", "got")[1] == ["begun"])
    exit(whereis("stuck"), "kill")
    wait_until(lambda: call("stuck", "fresh") == ("ok", "fresh"))
    print(rebeam_info()["abandoned"], call("stuck", "fresh")[1])
    ours.send(b"x")
    print(free(), call("sink", "got")[1], settled(before))


last(main)

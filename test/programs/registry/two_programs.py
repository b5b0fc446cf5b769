"""Registries and names of the cluster from another program, and its end."""

import os
import subprocess
import sys

from waiting import wait_until

from rebeam import (
    GenPy,
    GlobalName,
    ProcessID,
    Registry,
    Supervisor,
    Via,
    call,
    cast,
    child,
    receive,
    register_global,
    registered,
    run_register_process,
    self_pid,
    start,
    whereis_global,
)

players = Registry("players")


class There(GenPy):
    def __init__(self, name):
        self.own = name

    @start()
    def begin(self):
        players.register(self.own, os.getpid())
        # Of two nodes neither is a majority without the other.
        register_global(self.own, split="both")

    @receive("who")
    def who(self):
        return ProcessID()

    @receive("take")
    def take(self, message):
        registry, key = message
        registry.register(key, self.own)

    @receive("seen")
    def seen(self, message):
        return call(Via("players", "other"), "who"), call(GlobalName("other"), "who")

    @receive("out")
    def out(self):
        os._exit(1)


def attempt(function, *args):
    try:
        return function(*args)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main():
    here = self_pid().node
    name, host = here.replace("here", "there").split("@")
    node = f"{name}@{host}"
    command = ["mix", "rebeam.run", "--sname", name, "--connect", here, __file__, "there"]
    far = Registry("players", node=node)
    print(attempt(far.lookup, "shared").replace(node, "NODE"), call(Via(far, "shared"), "who"))
    other = subprocess.Popen(command)
    for own in ("shared", "process"):
        pid = wait_until(lambda own=own: whereis_global(own))
        wait_until(lambda own=own: far.lookup(own))
        ours = [Via(far, own), Via(("players", node), own), GlobalName(own)]
        print(own, {call(each, "who") for each in ours} == {("ok", pid)})
        print([who == pid for who, _ in far.lookup(own)], players.lookup(own), far.keys(pid))
        kept = Registry("kept", keys="duplicate", node=here)
        call(ours[0], "take", (kept, ("taken", own)))
        print(Registry("kept", keys="duplicate").lookup(("taken", own)) == [(pid, own)])
    inside = run_register_process(child(There("other"), isolation="process"))
    print(call(GlobalName("shared"), "seen")[1] == (("down", "noproc"), ("ok", inside)))
    print(registered("cluster"), call(GlobalName("other"), "who") == ("ok", inside))
    print(attempt(Registry("kept", node=node).keys), Registry("kept", keys="duplicate").count())
    cast(GlobalName("shared"), "out")
    other.wait()
    wait_until(lambda: registered("cluster") == ["other"])
    wait_until(lambda: not Registry("kept", keys="duplicate").keys())
    print(attempt(far.count).replace(node, "NODE"), call(ours[0], "who"), call(ours[2], "who"))


if __name__ == "__main__":
    if sys.argv[1:] == ["there"]:
        both = [child(There(each), isolation=each) for each in ("shared", "process")]
        Supervisor(both)
    else:
        Supervisor([child(main, significant=True)])

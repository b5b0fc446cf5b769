import os
import time

import pytest
from asker import Asker
from shop import Counter

from rebeam import call, call_many, child, this_node, whereis
from rebeam.testing import (
    cluster,
    delay,
    freeze,
    heal,
    kill,
    partition,
    restart,
    supervised,
    thaw,
    wait_until,
)


@pytest.fixture(scope="module")
def nodes():
    with cluster(3, options=["--cluster-lease", "1"]) as nodes:
        yield nodes


def pid():
    return os.getpid()


def add(target, timeout=1.0):
    return call(target, "add", 1, timeout=timeout)


def add_many(target):
    return call_many([(target, "add", 1)], timeout=None)


def fails():
    raise KeyError("there")


def sees(name):
    return whereis(name, scope="cluster") is not None


def test_functions_and_actors_run_there(nodes):
    pids = [each.run(pid) for each in nodes]
    assert len({*pids, os.getpid()}) == 4
    counter = nodes[1].start(Counter(5), name="counter")
    assert counter.node == str(nodes[1]) == nodes[1].name
    assert nodes[0].run(add, ("counter", nodes[1].name)) == ("ok", 6)
    assert call(("counter", nodes[1].name), "add", 1) == ("ok", 7)
    with pytest.raises(RuntimeError, match=r'(?s)raise KeyError\("there"\).*KeyError: .there.'):
        nodes[0].run(fails)


def test_actors_of_units_and_of_the_nodes_reach_each_other(nodes):
    node = nodes[0]
    there = node.start(child(Counter(0), isolation="process"))
    with supervised(child(Counter(0), isolation="process", restart="temporary")) as here:
        assert here.node != this_node()
        assert node.run(add, here) == ("ok", 1)
        assert node.run(add_many, here) == [("ok", 2)]
    with supervised(child(Asker, isolation="process", restart="temporary")) as asker:
        assert call(asker, "ask", there) == ("ok", ("ok", 1))
        assert call(asker, "ask", node.start(Counter(5))) == ("ok", ("ok", 6))


def test_a_split_holds_back_what_is_sent_until_it_heals(nodes):
    first, second, third = nodes
    counter = second.start(Counter(0))
    partition(first, second)
    assert first.run(add, counter) == ("timeout", None)
    assert third.run(add, counter)[0] == "ok"
    heal()
    wait_until(lambda: call(counter, "add", 0) == ("ok", 2))  # also the one that was late


def test_one_way(nodes):
    first, second, _ = nodes
    here, there = first.start(Counter(0)), second.start(Counter(0))
    partition(second, first, one_way=True)
    assert first.run(add, there) == ("timeout", None)
    wait_until(lambda: call(there, "add", 0) == ("ok", 1))  # it came, and the answer did not
    assert second.run(add, here) == ("timeout", None)
    assert call(here, "add", 0) == ("ok", 0)
    heal()
    assert second.run(add, here, timeout=5.0)[0] == "ok"


def test_closed_connections_are_seen_at_once(nodes):
    first, *others = nodes
    counter = others[0].start(Counter(0))
    assert first.run(add, counter) == ("ok", 1)
    partition(first, others, closed=True)
    status, reason = first.run(add, counter, timeout=30.0)
    assert (status, reason) == ("down", "noconnection")
    assert first.run(add_many, counter) == [("down", "noconnection")]
    assert others[1].run(add, counter) == ("ok", 2)
    heal()
    assert first.run(add, counter) == ("ok", 3)


def test_delay(nodes):
    first, second, _ = nodes
    counter = second.start(Counter(0))
    delay(first, second, 0.2)
    begin = time.monotonic()
    assert first.run(add, counter) == ("ok", 1)
    assert 0.4 <= time.monotonic() - begin
    heal()
    begin = time.monotonic()
    assert first.run(add, counter) == ("ok", 2)
    assert time.monotonic() - begin < 0.4


def test_freeze(nodes):
    first, second, _ = nodes
    counter = second.start(Counter(0))
    freeze(second)
    assert first.run(add, counter) == ("timeout", None)
    thaw(second)
    assert first.run(add, counter, timeout=10.0)[0] == "ok"


def test_kill_and_restart(nodes):
    first, second, _ = nodes
    counter, before = second.start(Counter(0)), second.run(pid)
    kill(second)
    assert not os.path.exists(f"/proc/{before}")
    assert first.run(add, counter, timeout=30.0)[0] == "down"
    with pytest.raises(RuntimeError, match="n2@127.0.0.1: no"):
        second.run(pid, timeout=1.0)
    restart(second)
    assert second.run(pid) != before
    assert first.run(add, second.start(Counter(1))) == ("ok", 2)


def test_a_program_of_its_own_and_the_end(tmp_path):
    program = tmp_path / "main.py"
    program.write_text(
        "import os, sys\n"
        "from rebeam import GenPy, GlobalName, Supervisor, child\n"
        "class Named(GenPy):\n"
        "    pass\n"
        "open(sys.argv[1] + os.environ['MINE'] + str(os.getpid()), 'w')\n"
        "Supervisor([child(Named(), name=GlobalName('one'), once='cluster')])\n"
    )
    made = cluster(2, program, args=[f"{tmp_path}/"], env={"MINE": "is "})
    wait_until(lambda: len(list(tmp_path.glob("is *"))) == len(made) == 2, 30)
    pids = [int(path.name[3:]) for path in tmp_path.glob("is *")]
    wait_until(lambda: all(each.run(sees, "one") for each in made), 30)
    made.end()
    wait_until(lambda: not any(os.path.exists(f"/proc/{each}") for each in pids))
    with pytest.raises(RuntimeError, match="the cluster has ended"):
        kill(made[0])


left = []


def test_a_cluster_is_left():
    left.extend(cluster(1)[0].run(pid) for _ in range(1))


def test_it_ended_with_its_test():
    assert not os.path.exists(f"/proc/{left[0]}")


def test_mistakes(nodes):
    for wrong, text in [
        (lambda: cluster(0), "nodes must be a whole number from 1 on, not 0"),
        (lambda: partition(nodes[0], nodes[0]), "are not two nodes of one cluster"),
        (lambda: partition(nodes[0], "n2"), "a node of a cluster is wanted, not 'n'"),
        (lambda: delay(nodes[0], nodes[1], -1), "delay takes seconds, not -1"),
        (lambda: restart(nodes[0]), "runs"),
        (lambda: cluster(1, "no_such_file.py"), "ended while it started"),
    ]:
        with pytest.raises((ValueError, TypeError, RuntimeError), match=text):
            wrong()
    assert child(Counter(1)) is not None

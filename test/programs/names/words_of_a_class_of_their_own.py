"""What is a str or an int of a class of its own is one all the same, wherever a word, a name or a
number is wanted; and what can be no name."""

import enum

from rebeam import *


class Word(enum.StrEnum):
    NAME = "name"
    LOCAL = "local"
    CLUSTER = "cluster"
    DUPLICATE = "duplicate"
    STOP = "stop"
    TRANSIENT = "transient"
    PROCESS = "process"
    DEDICATED = "dedicated"
    BRUTAL = "brutal_kill"
    REST = "rest_for_one"
    ALL = "all_significant"


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


class Anyone(GenPy):
    def __init__(self, name=None):
        self.name = name

    @receive("names")
    def names(self):
        register(Word.NAME, Word.LOCAL)
        me = [whereis(Word.NAME, Word.LOCAL), whereis("name"), __local_registry__.find(Word.NAME)]
        both = Word.NAME in __local_registry__, "\ud800" in __local_registry__
        unregister(Word.NAME)
        return {each == ProcessID() for each in me}, both, registered(Word.CLUSTER)

    @receive("registry")
    def registry(self):
        many = Registry(Word.NAME, keys=Word.DUPLICATE, partitions=Number.TWO)
        many.register(1)
        many.register(1)
        return many.count(), many, [type(each) for each in many.__reduce__()[1][:3]]

    @receive("topics")
    def topics(self):
        subscribe(Word.NAME, max_queue=Number.ONE, when_full=Word.STOP)
        first = [publish("name"), publish(Word.NAME)]
        subscribe("name", max_queue=Number.TWO)
        return first, [publish("name") for _ in range(3)], dropped()

    @receive("attempts")
    def attempts(self):
        return [
            attempt(register, "\ud800"),
            attempt(whereis, "\ud800"),
            attempt(register, "x", "here"),
            attempt(Registry, "x", keys="many"),
            attempt(subscribe, "x", when_full="wait"),
        ]

    @receive()
    def any_other(self):
        pass


def attempt(function, *arguments, **options):
    try:
        return function(*arguments, **options)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def run(*modules, **options):
    try:
        with Supervisor(modules, **options):
            return registered()
    except RuntimeError as error:
        return str(error).strip().splitlines()[-1]


def main():
    with Supervisor([child(Anyone(), name=Word.NAME), child(Anyone(), name="other")]):
        print(whereis("name") is not None, call("other", "registry")[1])
    with Supervisor([child(Anyone(), name="other", restart=Word.TRANSIENT, shutdown=Word.BRUTAL)]):
        print(call("other", "names")[1], call("other", "topics")[1])
        print(*call("other", "attempts")[1], sep="\n")
    placed = child(Anyone(Word.NAME), isolation=Word.PROCESS, id=Word.NAME)
    print(
        run(placed, child(Anyone("b"), thread=Word.DEDICATED), strategy=Word.REST, name=Word.STOP)
    )
    ends = child(Anyone("c"), significant=True, restart="transient")
    limits = dict(max_restarts=Number.ONE, max_seconds=Number.TWO)
    print(run(ends, auto_shutdown=Word.ALL, **limits))
    # An attribute that is empty is no name; a child is called so in the log, whatever it is.
    print(run(Anyone(""), Anyone("")), run(Anyone("\ud800")))
    Registry("many", keys="duplicate").count()
    print(run(child(Anyone(), name=Via("many", 1))))
    print(run(child(Anyone(), name=Via(Registry("new", keys="duplicate"), 1))))
    with Supervisor([child(Anyone(), name=Via("made", 1))]):
        print(Registry("made").keys())


if __name__ == "__main__":
    main()

defmodule Rebeam.Actor.HandlerTest do
  # How a class becomes an actor: which method takes which message, and with what.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "parameters are matched by name, any of them, in any order" do
    program = """
    from rebeam import GenPy, call, cast, receive, run_register_process, self_pid, sleep

    class All(GenPy):
        @receive("none")
        def none():
            return "none"
        @receive("self")
        def only_self(self):
            return type(self).__name__
        @receive("turned")
        def turned(subject, message, self):
            return [subject, message, type(self).__name__]
        @receive("source")
        def source(message, source):
            return [message, source]
        @receive("status")
        def status(status):
            return status
        @receive("rest")
        def rest(self, **rest):
            return sorted(rest)
        @receive("some and rest")
        def some(subject, **rest):
            return [subject, sorted(rest)]
        @receive("default")
        def default(message, other="default", *more, last=7):
            return [message, other, more, last]
        @receive("keyword")
        def keyword(*, message):
            return message
        @receive()
        def catch_all(**args):
            return args

    class Asker(GenPy):
        name = "asker"
        @receive("ask")
        def ask(self, message):
            return [call(message, "source", 1)[1][1] == self_pid(), self.name]

    it = run_register_process(All())
    run_register_process(Asker)
    for subject in ("none", "self", "turned", "status", "rest", "some and rest", "default", "keyword"):
        print(call(it, subject, 5))
    print(call("asker", "ask", it))
    status, args = call(it, "anything", "m")
    print(sorted(args), args["subject"], args["message"], args["status"])
    """

    assert Program.lines!(program) == [
             "(<Status.OK: 'ok'>, 'none')",
             "(<Status.OK: 'ok'>, 'All')",
             "(<Status.OK: 'ok'>, ['turned', 5, 'All'])",
             "(<Status.OK: 'ok'>, None)",
             "(<Status.OK: 'ok'>, ['message', 'source', 'status', 'subject'])",
             "(<Status.OK: 'ok'>, ['some and rest', ['message', 'source', 'status']])",
             "(<Status.OK: 'ok'>, [5, 'default', (), 7])",
             "(<Status.OK: 'ok'>, 5)",
             "(<Status.OK: 'ok'>, [True, 'asker'])",
             "['message', 'source', 'status', 'subject'] anything m None"
           ]
  end

  test "what a handler returns is the response" do
    program = """
    from rebeam import GenPy, Status, call, receive, response_error, response_ok, run_register_process

    class Answers(GenPy):
        @receive("ok")
        def ok(self):
            return response_ok({"n": 1})
        @receive("empty")
        def empty(self):
            return response_ok()
        @receive("error")
        def error(self):
            return response_error(["no", 1])
        @receive("plain")
        def plain(self):
            return (1, "two")
        @receive("none")
        def none(self):
            pass
        @receive("false")
        def false(self):
            return False

    it = run_register_process(Answers)
    for subject in ("ok", "empty", "error", "plain", "none", "false"):
        status, response = call(it, subject)
        print(f"{status} {bool(status)} {status == Status.OK} {status == 'error'} {response!r}")
    print(type(status) is Status, repr(Status.TIMEOUT), Status("down") is Status.DOWN, bool(Status.DOWN))
    print(sorted(each.value for each in Status))
    """

    assert Program.lines!(program) == [
             "ok True True False {'n': 1}",
             "ok True True False None",
             "error False False True ['no', 1]",
             "ok True True False (1, 'two')",
             "ok True True False None",
             "ok True True False False",
             "True <Status.TIMEOUT: 'timeout'> True False",
             "['down', 'error', 'ok', 'timeout']"
           ]
  end

  test "a subclass inherits handlers, overrides them by subject, and reaches them with super" do
    program = """
    from rebeam import GenPy, call, receive, run_register_process, start, stop

    class Mixin:
        @receive("mixed")
        def mixed(self):
            return "mixin"

    class Base(GenPy):
        @start()
        def boot(self):
            self.log = ["base start"]
        @receive("a")
        def first(self, message):
            return ["base a", message]
        @receive("b")
        def second(self, message):
            return ["base b", message]
        @receive("c")
        def third(self):
            return "base c"
        @receive()
        def other(self, subject):
            return ["base other", subject]

    class Derived(Mixin, Base):
        @start()
        def again(self):
            super().boot()
            self.log.append("derived start")
        @receive("a")
        def renamed(self, message):
            return ["derived a", *super().first(message)]
        @receive("b")
        def second(self, message):
            return ["derived b", *super().second(message)]
        def third(self):
            return "derived c, undecorated"
        @receive("log")
        def show(self):
            return self.log

    class Last(Derived):
        @receive()
        def other(self, subject):
            return ["last other", *super().other(subject)]

    for cls in (Base, Derived, Last):
        it = run_register_process(cls)
        print(cls.__name__, *[call(it, subject, 1)[1] for subject in ("a", "b", "c", "log", "mixed")])
    """

    assert Program.lines!(program) == [
             "Base ['base a', 1] ['base b', 1] base c ['base other', 'log'] ['base other', 'mixed']",
             "Derived ['derived a', 'base a', 1] ['derived b', 'base b', 1] derived c, undecorated " <>
               "['base start', 'derived start'] mixin",
             "Last ['derived a', 'base a', 1] ['derived b', 'base b', 1] derived c, undecorated " <>
               "['base start', 'derived start'] mixin"
           ]
  end

  test "what cannot be is a TypeError where the class is made, with the names" do
    program = """
    from rebeam import GenPy, info, receive, start, stop

    def refused(body, names):
        source = "class Wrong(GenPy):\\n" + "".join(f"    {line}\\n" for line in body)
        try:
            exec(source, dict(globals()))
        except TypeError as error:
            print("TypeError", [name in str(error) for name in names])
        else:
            print("not refused")

    refused(['@receive("x")', "def first(self): pass", '@receive("x")', "def second(self): pass"],
            ["first", "second", "'x'"])
    refused(["@receive()", "def first(self): pass", "@receive()", "def second(self): pass"],
            ["first", "second", "@receive()"])
    refused(["@start()", "def first(self): pass", "@start()", "def second(self): pass"],
            ["first", "second", "@start()"])
    refused(["@info()", "def first(self): pass", "@info()", "def second(self): pass"],
            ["first", "second", "@info()"])
    refused(["@stop()", "def first(self): pass", "@stop()", "def second(self): pass"],
            ["first", "second", "@stop()"])
    refused(['@receive("x")', "def it(self, mesage): pass"], ["it", "'mesage'", "message"])
    refused(["@start()", "def it(self, message): pass"], ["it", "'message'"])
    refused(["@stop()", "def it(self, source): pass"], ["it", "'source'", "reason"])
    refused(['@receive("x")', "def it(self, message, /): pass"], ["it", "positional-only"])
    refused(["@receive", "def it(self): pass"], ["@receive()"])
    refused(["@receive(5)", "def it(self): pass"], ["5"])
    """

    assert Program.lines!(program) == [
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True]",
             "TypeError [True, True, True]",
             "TypeError [True, True]",
             "TypeError [True]",
             "TypeError [True]"
           ]
  end

  test "arguments without an __init__ that takes them are a TypeError" do
    program = """
    from rebeam import GenPy, GenStateMachine
    from dataclasses import dataclass

    class Plain(GenPy): pass
    class Machine(GenStateMachine): initial_state = "on"
    @dataclass
    class Made(GenPy):
        n: int
    class New(GenPy):
        def __new__(cls, n): return super().__new__(cls)
    for make in (lambda: Plain(1), lambda: Machine(n=1), lambda: (Plain(), Machine(), Made(1), New(1))):
        try:
            print(len(make()))
        except TypeError as error:
            print(error)
    """

    assert Program.lines!(program) == [
             "Plain() takes no arguments: it has no __init__",
             "Machine() takes no arguments: it has no __init__",
             "4"
           ]
  end

  test "every instance has a state of its own, also without super().__init__" do
    program = """
    from rebeam import GenPy, call, receive, run_register_process

    class Plain(GenPy):
        @receive("put")
        def put(self, message):
            self.state[message] = len(self.state)
            return self.state

    class Own(Plain):
        def __init__(self, first):
            self.state["first"] = first

    made = Own("here")
    print(made.state, Own("x").state is made.state, type(made.state).__name__)
    a, b, c = [run_register_process(each) for each in (Plain(), Plain, made)]
    for each, key in ((a, "k"), (a, "l"), (b, "k"), (c, "k")):
        print(call(each, "put", key)[1])
    """

    assert Program.lines!(program) == [
             "{'first': 'here'} False dict",
             "{'k': 0}",
             "{'k': 0, 'l': 1}",
             "{'k': 0}",
             "{'first': 'here', 'k': 1}"
           ]
  end

  test "@start runs in the new process before any message, ProcessID() is its own" do
    program = """
    from rebeam import GenPy, ProcessID, call, receive, run_register_process, self_pid, sleep, start

    class Late(GenPy):
        name = "late"
        @start()
        def boot(self):
            self.log = ["start"]
            sleep(0.1)
            self.own = ProcessID()
            self.log.append("started")
        @receive("log")
        def show(self):
            self.log.append("message")
            return self.log, self.own, self_pid(), ProcessID()

    it = run_register_process(Late)
    log, *ids = call(it, "log")[1]
    print(log, [each == it for each in ids], len({it, *ids}), call("late", "log")[1][0])
    print(str(it).startswith("<0."), it.alive(), it.node.split("-")[0])
    try:
        it.node = "x"
    except (AttributeError, TypeError) as error:
        print("immutable")
    """

    assert Program.lines!(program) == [
             "['start', 'started', 'message'] [True, True, True] 1 " <>
               "['start', 'started', 'message', 'message']",
             "True True rebeam",
             "immutable"
           ]
  end

  test "@info takes what is neither call nor cast; without one it is dropped" do
    program = """
    from rebeam import GenPy, call, info, receive, run_register_process, send

    class Noted(GenPy):
        name = "noted"
        def __init__(self):
            self.seen = []
        @info()
        def note(self, message):
            self.seen.append(message)
        @receive("seen")
        def all(self):
            return self.seen

    class Deaf(GenPy):
        name = "deaf"
        @receive("there")
        def there(self):
            return "yes"

    pid = run_register_process(Noted)
    run_register_process(Deaf)
    print(send("noted", {"a": [1, 2.5, None, True]}), send(pid, (1, "two", b"three")))
    print(send("deaf", "x"), send("nobody", 1))
    print(call("noted", "seen")[1])
    print(call("deaf", "there"))
    """

    assert Program.lines!(program) == [
             "True True",
             "True False",
             "[{'a': [1, 2.5, None, True]}, (1, 'two', b'three')]",
             "(<Status.OK: 'ok'>, 'yes')"
           ]
  end
end

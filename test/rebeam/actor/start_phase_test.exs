defmodule Rebeam.Actor.StartPhaseTest do
  # @start(continues=True): the rest of the start, when the parent has been told.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  test "the supervisor goes on, messages wait, and both phases run in order" do
    program = """
    from rebeam import *

    class Slow(GenPy):
        def __init__(self, name):
            self.name = name
            self.seen = [name]
        @start()
        def first(self):
            self.seen.append("start")
            cast(self.name, "early")
        @start(continues=True)
        def rest(self):
            sleep(0.3)
            self.seen.append(call("second", "there")[1])
        @receive("early")
        def early(self):
            self.seen.append("message")
        @receive("seen")
        def all(self):
            return self.seen

    class Second(GenPy):
        name = "second"
        @start()
        def first(self):
            print("the next one starts")
        @receive("there")
        def there(self):
            return "continued"

    class Sub(Slow):
        def rest(self):
            super().rest()
            self.seen.append("sub")

    def check():
        print(call("slow", "seen")[1])
        print(call("sub", "seen")[1])
        # The same when it is started from anywhere.
        pid = run_register_process(Slow("third"))
        print(call(pid, "seen", timeout=0.1))
        print(call(pid, "seen")[1])

    Supervisor(modules=[Slow("slow"), Sub("sub"), Second,
                        child(check, restart="transient", significant=True)])
    """

    assert Program.lines!(program) == [
             "the next one starts",
             "['slow', 'start', 'continued', 'message']",
             "['sub', 'start', 'continued', 'sub', 'message']",
             "(<Status.TIMEOUT: 'timeout'>, None)",
             "['third', 'start', 'continued', 'message']"
           ]
  end

  test "raising crashes the actor, which started" do
    program = """
    import sys
    from rebeam import *

    class Bad(GenPy):
        name = "bad"
        made = 0
        def __init__(self):
            Bad.made += 1
            self.n = Bad.made
        @start(continues=True)
        def rest(self):
            sleep(0.05)
            if self.n == 1:
                raise ValueError("in the rest")
            if self.n == 2:
                sys.exit(0)
        @receive("n")
        def number(self):
            return self.n
        @stop()
        def stopped(self, reason):
            print("stopped", reason.splitlines()[-1])

    pid = run_register_process(Bad)
    print("started")
    status, reason = call(pid, "n")
    print(status, reason.splitlines()[-1])
    while not (answer := call("bad", "n"))[0]:
        sleep(0.001)
    print(answer[1])
    """

    result = Program.run(program)
    assert %{status: 0} = result

    assert String.split(result.out, "\n", trim: true) == [
             "started",
             "stopped ValueError: in the rest",
             "down ValueError: in the rest",
             "stopped normal",
             "3",
             "stopped shutdown"
           ]

    assert result.err =~ "crashed in @start(continues=True)"
    assert length(String.split(result.err, "crashed")) == 2
  end

  test "one of each kind in a class, without parameters" do
    program = """
    from rebeam import *

    def refused(*lines):
        source = "".join(f"    {line}\\n    def method{n}(self): pass\\n" for n, line in enumerate(lines))
        try:
            exec("class X(GenPy):\\n" + source, dict(globals()))
            print("fine")
        except TypeError as error:
            print(error)

    refused("@start(continues=True)", "@start(continues=True)")
    refused("@start()", "@start()")
    refused("@start()", "@start(continues=True)")
    try:
        class Y(GenPy):
            @start(continues=True)
            def rest(self, message): pass
    except TypeError as error:
        print(error)
    """

    assert Program.lines!(program) == [
             "X: method0 and method1 both handle @start(continues=True)",
             "X: method0 and method1 both handle @start()",
             "fine",
             "Y.rest: no parameter 'message'; a @start(continues=True) handler may take self"
           ]
  end

  test "system messages are answered meanwhile, and a shutdown ends it" do
    program = """
    from rebeam import *
    class Long(GenPy):
        name = "long"
        @start(continues=True)
        def rest(self):
            try:
                sleep(1000)
            except ActorExit:
                print("exit", flush=True)
                raise
        @stop()
        def stopped(self, reason):
            print("stopped", reason, flush=True)
    Supervisor(modules=[Long])
    """

    code = """
    pid = until.(fn -> Rebeam.whereis("long") end)
    show.(is_tuple(:sys.get_status(pid)))
    show.(Rebeam.call(pid, "x", nil, 20))
    """

    assert InElixir.lines!(program, code) == [
             "true",
             "{:timeout, nil}",
             "exit",
             "stopped shutdown"
           ]
  end
end

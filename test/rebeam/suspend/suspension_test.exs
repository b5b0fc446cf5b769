defmodule Rebeam.Suspend.SuspensionTest do
  # Plain functions that really wait: nothing runs twice, nothing is lost, no thread is held.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "each construct gives the same in a suspended actor as under python" do
    constructs = Program.path("constructs.py")
    stub = Program.path("stub")
    python = Program.run(constructs, via: :python, env: [{"PYTHONPATH", stub}])
    assert %{status: 0, err: ""} = python
    # Every case has run, and did not raise.
    cases = Regex.scan(~r/^def (\w+)\(\):/m, File.read!(constructs)) |> length()
    assert length(Regex.scan(~r/^== /m, python.out)) == cases
    refute python.out =~ "raised"

    rebeam = Program.run(constructs)
    assert rebeam.out == python.out
    # No case held a thread but those where CPython cannot suspend.
    assert rebeam.err == ""
    assert rebeam.status == 0
  end

  test "what ran before a call ran once" do
    program = """
    from rebeam import GenPy, call, receive, run_register_process, sleep
    from baseline import counts, settled

    class Slow(GenPy):
        name = "slow"
        @receive()
        def other(self, message):
            sleep(0.05)
            return message + 1

    class Asker(GenPy):
        def __init__(self):
            self.log = []
        @receive("go")
        def go(self, message):
            self.log.append(("handler", message))
            total = self.first(message)
            self.log.append(("end", total))
            return self.log
        def first(self, n):
            self.log.append(("first", n))
            return second(self.log, n) + 100
    def second(log, n):
        log.append(("second", n))
        with open("written", "a") as file:
            file.write(f"{n}\\n")
        status, response = call("slow", "any", n)
        log.append(("after", response))
        status, response = call("slow", "any", response)
        return response

    run_register_process(Slow)
    asker = run_register_process(Asker)
    before = counts()
    print(call(asker, "go", 1)[1])
    print(len(call(asker, "go", 2)[1]))
    print(open("written").read().split())
    print(settled(before))
    """

    folder = Program.folder()

    assert Program.lines!(program, cd: folder) == [
             "[('handler', 1), ('first', 1), ('second', 1), ('after', 2), ('end', 103)]",
             "10",
             "['1', '2']",
             "baseline"
           ]
  end

  test "an actor handles one message at a time, in order, also while it is suspended" do
    program = """
    from rebeam import GenPy, call, cast, receive, run_register_process, sleep

    class Other(GenPy):
        name = "other"
        @receive()
        def other(self, message):
            sleep(0.01)
            return message

    class One(GenPy):
        def __init__(self):
            self.busy = False
            self.seen = []
        @receive("work")
        def work(self, message):
            assert not self.busy
            self.busy = True
            call("other", "x", message)
            self.seen.append(message)
            self.busy = False
        @receive("seen")
        def all(self):
            return self.seen

    run_register_process(Other)
    one = run_register_process(One)
    print(all([cast(one, "work", n) for n in range(20)]))
    print(call(one, "seen", timeout=30)[1] == list(range(20)))
    """

    assert Program.lines!(program) == ["True", "True"]
  end

  test "finally and with run when an actor is shut down in the middle of a call" do
    program = """
    import contextlib
    from rebeam import ActorExit, GenPy, Supervisor, call, cast, child, receive, sleep, start, stop

    class Silent(GenPy):
        name = "silent"
        @receive()
        def never(self):
            sleep(1000)

    class Waiting(GenPy):
        name = "waiting"
        @receive("wait")
        def wait(self):
            try:
                with contextlib.ExitStack() as stack:
                    stack.callback(print, "with")
                    try:
                        call("silent", "x", timeout=None)
                    except Exception:
                        print("not reached: no Exception")
            except ActorExit as end:
                print("ActorExit")
                raise
            finally:
                print("finally")
        @stop()
        def bye(self, reason):
            print("stop", reason)

    def drive():
        cast("waiting", "wait")
        sleep(0.2)

    Supervisor(modules=[
        Silent, Waiting, child(drive, restart="transient", significant=True)])
    """

    assert Program.lines!(program) == ["with", "ActorExit", "finally", "stop shutdown"]
  end

  test "two hundred calls nested on the plain path finish" do
    program = """
    import os
    from rebeam import GenPy, call, receive, run_register_process
    from baseline import counts, settled

    class Step(GenPy):
        def __init__(self, n):
            self.name = f"step-{n}"
            self.n = n
        @receive("down")
        def down(self):
            if self.n == 0:
                return ["bottom"]
            def key(_):
                # CPython cannot suspend below sorted().
                answers.append(call(f"step-{self.n - 1}", "down", timeout=60)[1])
                return 0
            answers = []
            sorted([1], key=key)
            return [self.n] + answers[0]

    for n in range(201):
        run_register_process(Step(n))
    before = counts()
    print(call("step-200", "down", timeout=80)[1] == list(range(200, 0, -1)) + ["bottom"])
    print(call("step-200", "down", timeout=80)[1] == list(range(200, 0, -1)) + ["bottom"])
    print(settled(before))
    """

    assert Program.lines!(program) == ["True", "True", "baseline"]
  end

  test "ten thousand actors suspended three functions deep" do
    suspended(10_000)
  end

  @tag :large
  @tag timeout: 600_000
  test "a hundred thousand actors suspended three functions deep" do
    suspended(100_000)
  end

  # Each waits in a call to `gate`, which waits for `opener`, which is asked once all do.
  defp suspended(number) do
    result = Program.run(Program.path("suspended.py"), args: ["#{number}"], limit: 500)
    assert %{status: 0, err: ""} = result

    assert [
             "answered " <> answered,
             "sum " <> sum,
             "suspended " <> suspended,
             "threads constant",
             "bytes " <> _,
             "baseline"
           ] = String.split(result.out, "\n", trim: true)

    assert String.to_integer(answered) == number
    # Each has its own number doubled, plus one.
    assert String.to_integer(sum) == number * (number - 1) + number
    assert String.to_integer(suspended) >= number
    if number > 10_000, do: IO.puts("\n" <> result.out)
  end
end

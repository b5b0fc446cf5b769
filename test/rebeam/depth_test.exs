defmodule Rebeam.DepthTest do
  # Recursion that Python refuses must not be the end of the VM, whoever's stack it is on.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @deep """
  import functools, json, sys
  from rebeam import *
  # Under Elixir the program has no end that would flush it.
  print = functools.partial(print, flush=True)

  # From 3.14 on CPython goes by the C stack, not by a count.
  JSON = 50_000 if sys.version_info < (3, 14) else 1_000_000

  class Deep(GenPy):
      name = "deep"
      @receive("sorted")
      def by_sorting(self, message):
          def down(n):
              if n == 0:
                  return call("other", "echo", 0)[1]
              return sorted([n], key=lambda n: down(n - 1))[0]
          return down(message)
      @receive("json")
      def nested(self, message):
          return len(json.loads("[" * message + "]" * message))
      @receive("plain")
      def plain(self, message):
          def down(n):
              return 0 if n == 0 else 1 + down(n - 1)
          return down(message)
      @receive("calls")
      def suspending(self, message):
          def down(n):
              return call("other", "echo", 0)[1] if n == 0 else 1 + down(n - 1)
          return down(message)
      @receive("repr")
      def shown(self, message):
          nested = []
          for _ in range(message):
              nested = [nested]
          return len(repr(nested))

  class Other(GenPy):
      name = "other"
      @receive("echo")
      def echo(self, message):
          return message

  def drive():
      for subject, depth in (("sorted", 10_000), ("json", JSON), ("plain", 100_000),
                             ("calls", 100_000), ("repr", JSON)):
          status, reason = call("deep", subject, depth, timeout=120)
          print(subject, status, str(reason).strip().splitlines()[-1].split(":")[0])
          print("Traceback" in str(reason), call("other", "echo", "fine"))
          while not call("deep", "plain", 0)[0]:
              sleep(0.01)
          # What is not too deep still works in the restarted actor.
          print(call("deep", subject, 5))

  def main():
      for each in (Deep, Other):
          run_register_process(each)
      drive()
  """

  @expected Enum.flat_map(
              [{"sorted", 5}, {"json", 1}, {"plain", 5}, {"calls", 5}, {"repr", 12}],
              fn {subject, result} ->
                [
                  "#{subject} down RecursionError",
                  "True (<Status.OK: 'ok'>, 'fine')",
                  "(<Status.OK: 'ok'>, #{result})"
                ]
              end
            )

  test "deep recursion is a RecursionError in the actor" do
    result = Program.run(@deep <> "\nmain()\n")
    assert result.status == 0
    assert String.split(result.out, "\n", trim: true) == @expected
  end

  test "deep recursion in the body of the script" do
    program = """
    import json, sys
    # From 3.14 on CPython goes by the C stack, not by a count.
    JSON = 50_000 if sys.version_info < (3, 14) else 1_000_000
    for attempt in (lambda: json.loads("[" * JSON + "]" * JSON),):
        try:
            attempt()
        except RecursionError:
            print("RecursionError")
    def down(n):
        return sorted([n], key=lambda n: down(n - 1))[0]
    try:
        down(10_000)
    except RecursionError:
        print("RecursionError")
    """

    assert Program.lines!(program) == ["RecursionError", "RecursionError"]
  end

  test "the same in a VM with default flags, as under iex" do
    folder = Program.folder(%{"main.py" => @deep <> "\nmain()\n"})

    result =
      Program.elixir(
        ~s"""
        # It logs to standard output.
        Logger.configure(level: :none)
        :ok = Rebeam.Python.Runtime.start([python: #{inspect(Program.python().executable)}], ["main.py"])
        {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
        receive do
          {:rebeam_script, ^script, result, :over} -> IO.inspect(result)
        end
        """,
        cd: folder
      )

    assert result.status == 0, result.err
    assert String.split(result.out, "\n", trim: true) -- ["{:status, 0}"] == @expected
  end

  test "code that goes on for long keeps no other actor from running" do
    program = """
    import threading, time
    from rebeam import *
    stop = False
    class Busy(GenPy):
        @receive("spin")
        def spin(self):
            while not stop:
                pass
            return "spun"
        @receive("block")
        def block(self):
            event.wait()
            return "blocked"
    class Other(GenPy):
        name = "other"
        @receive("echo")
        def echo(self, message):
            sleep(0)
            return message
    event = threading.Event()
    spinning = [run_register_process(Busy) for _ in range(3)]
    blocking = [run_register_process(Busy) for _ in range(20)]
    run_register_process(Other)
    asked = []
    for each, subject in [(each, "spin") for each in spinning] + [(each, "block") for each in blocking]:
        thread = threading.Thread(target=lambda each=each, subject=subject:
                                  asked.append(call(each, subject, timeout=None)[1]))
        thread.start()
    print([call("other", "echo", n, timeout=60)[1] for n in range(20)])
    stop = True
    event.set()
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and thread.name.startswith("Thread-"):
            thread.join()
    print(sorted(asked) == ["blocked"] * 20 + ["spun"] * 3)
    """

    assert Program.lines!(program) == [
             "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]",
             "True"
           ]
  end
end

defmodule Rebeam.Message.CycleTest do
  # Actors that wait for each other: the calls end by timeout, and debug mode says why.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # A message is the path that is left to go: each calls the next.
  @actors """
  from rebeam import *
  from baseline import counts, settled

  class Step(GenPy):
      def __init__(self, name, timeout):
          self.name, self.timeout = name, timeout
      @receive("ask")
      def ask(self, message):
          if not message:
              return "end"
          status, response = call(message[0], "ask", message[1:], timeout=self.timeout)
          return f"{status}, {response}"
      @receive("plain")
      def plain(self, message):
          # CPython cannot suspend below sorted().
          said = []
          sorted([0], key=lambda _: said.append(self.ask(message)) or 0)
          return said[0]
      @receive("slow")
      def slow(self, message):
          sleep(message)
      @receive("nap")
      def nap(self, message):
          return str(call(message, "slow", 0.5, timeout=0.2)[0])

  def pid(name):
      return str(whereis(name))

  for name, timeout in (("a", 0.4), ("b", 20), ("c", 20)):
      run_register_process(Step(name, timeout))
  before = counts()
  """

  defp run(program, options) do
    result = Program.run(@actors <> program, options)
    assert result.status == 0, result.err
    warnings = for line <- String.split(result.err, "\n"), line =~ "cycle", do: line
    {String.split(result.out, "\n", trim: true), warnings}
  end

  @program """
  print(pid("a"), pid("b"), pid("c"))
  print(*call("a", "ask", ["b", "a"]))
  print(*call("a", "ask", ["b", "c", "a"]))
  # At the second call of b the way is free again.
  print(*call("a", "plain", ["b", "a"]))
  # c waits for a, which is busy with b: no cycle leads through c.
  print(*call("c", "ask", ["a", "b", "a"]))
  # A call that was answered in time is over: no cycle, though each has called the other.
  print(*call("a", "ask", ["b"]), *call("b", "ask", ["a"]))
  print(*call("a", "nap", "b"), *call("b", "nap", "a"))
  print(*call("b", "ask", ["c"]), settled(before))
  """

  @lines [
    "ok timeout, None",
    "ok timeout, None",
    "ok timeout, None",
    "ok ok, timeout, None",
    "ok ok, end ok ok, end",
    "ok timeout ok timeout",
    "ok ok, end baseline"
  ]

  for {how, options} <- [
        {"--log-level debug", [options: ["--log-level", "debug"]]},
        {"REBEAM_DEBUG", [env: [{"REBEAM_DEBUG", "1"}]]}
      ] do
    test "a cycle of calls ends by timeout, and is named once with #{how}" do
      {[pids | lines], warnings} = run(@program, unquote(options))
      assert lines == @lines
      [a, b, c] = String.split(pids)
      pair = ~s(a #{a} "ask" -> b #{b} "ask" -> a)

      assert Enum.map(warnings, &String.replace(&1, ~r/^.*\[warning\] /, "")) == [
               "call cycle: " <> pair,
               ~s(call cycle: a #{a} "ask" -> b #{b} "ask" -> c #{c} "ask" -> a),
               "call cycle: " <> pair,
               "call cycle: " <> pair
             ]
    end
  end

  test "without debug mode nothing is said, and all else is the same" do
    for env <- [[], [{"REBEAM_DEBUG", "0"}]] do
      {[_pids | lines], warnings} = run(@program, env: env)
      assert {lines, warnings} == {@lines, []}
    end
  end

  test "in debug mode calls end as they do without" do
    program = """
    import sys
    class Other(GenPy):
        name = "other"
        @receive("die")
        def die(self):
            sleep(0.05)
            raise ValueError("dead")
        @receive("source")
        def source(self, source):
            sleep(0.02)
            return source
        @receive("quick")
        def quick(self, message):
            return message
        @receive("slow")
        def slow(self):
            sleep(0.3)
            return "late"
    class Asker(GenPy):
        @receive("ask")
        def ask(self):
            assert call("other", "source") == (Status.OK, ProcessID())
            assert call("other", "slow", timeout=0.05) == (Status.TIMEOUT, None)
            assert [call("other", "quick", n)[1] for n in range(500)] == list(range(500))
            status, reason = call("other", "die")
            assert status == "down" and "ValueError: dead" in reason, reason
            return call("nobody", "x")
    run_register_process(Other)
    print(*call(run_register_process(Asker), "ask", timeout=30)[1])
    """

    result = Program.run(@actors <> program, env: [{"REBEAM_DEBUG", "yes"}])
    assert %{status: 0, out: "down noproc\n"} = result
    refute result.err =~ "cycle"
  end

  test "a call to oneself fails at once, by every way" do
    program = """
    class Self(GenPy):
        name = "self"
        @receive("all")
        def all(self):
            said = []
            for target in (ProcessID(), "self", ("self", ProcessID().node)):
                for attempt in (
                    lambda: call(target, "x", timeout=None),
                    lambda: call_many([(target, "x")], timeout=None),
                    lambda: call_many([("a", "slow", 0), (target, "x")], timeout=None),
                    lambda: gen_call(target, "x", timeout=None),
                ):
                    try:
                        said.append(attempt())
                    except RuntimeError as error:
                        said.append(str(error))
            return said
    it = run_register_process(Self)
    before = counts()
    for line in call(it, "all")[1]:
        print(line)
    print(settled(before))
    """

    text = "an actor cannot call itself: it would wait for its own answer"
    {lines, []} = run(program, [])
    each = [text, "requests[0]: " <> text, "requests[1]: " <> text, text]
    assert lines == each ++ each ++ each ++ ["baseline"]
  end
end

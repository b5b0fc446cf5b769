defmodule Rebeam.Message.CycleTest do
  # Actors that wait for each other: the calls end by timeout, and debug mode says why.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # A message is the path that is left to go: each calls the next.
  defp run(program, options) do
    result = Program.run(program, options)
    assert result.status == 0, result.err
    warnings = for line <- String.split(result.err, "\n"), line =~ "cycle", do: line
    {String.split(result.out, "\n", trim: true), warnings}
  end

  @program """
  from rebeam import *
  from baseline import counts, settled
  from cycle_actors import *
  for name, timeout in (("a", 0.4), ("b", 20), ("c", 20)):
      run_register_process(Step(name, timeout))
  before = counts()
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
    @tag :slow
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

  @tag :slow
  test "without debug mode nothing is said, and all else is the same" do
    for env <- [[], [{"REBEAM_DEBUG", "0"}]] do
      {[_pids | lines], warnings} = run(@program, env: env)
      assert {lines, warnings} == {@lines, []}
    end
  end

  @tag :slow
  test "in debug mode calls end as they do without" do
    result =
      Program.run("message/cycle/in_debug_mode_calls_end_as_they_do_without.py",
        env: [{"REBEAM_DEBUG", "yes"}]
      )

    assert %{status: 0, out: "down noproc\n"} = result
    refute result.err =~ "cycle"
  end

  test "a call to oneself fails at once, by every way" do
    text = "an actor cannot call itself: it would wait for its own answer"
    {lines, []} = run("message/cycle/call_to_oneself_fails_at_once.py", [])
    each = [text, "requests[0]: " <> text, "requests[1]: " <> text, text]
    assert lines == each ++ each ++ each ++ ["baseline"]
  end
end

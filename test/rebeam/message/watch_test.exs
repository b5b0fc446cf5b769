defmodule Rebeam.Message.WatchTest do
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "monitors that could not be taken back from a busy node are when it takes them" do
    code = ~S"""
    alias Rebeam.Message.Watch
    {far, pid} = Rebeam.BusyNode.start()
    watches = for _ <- 1..3, do: Watch.start(pid, {self(), make_ref()}, :infinity, false)
    go_on = Rebeam.BusyNode.stop(far)
    monitors = fn -> self() |> Process.info(:monitors) |> elem(1) |> length() end
    late = fn -> receive do {:timeout, timer, Watch} -> Watch.take_back(timer) end end

    Enum.each(watches, &Watch.clear/1)
    IO.inspect(monitors.())
    late.()
    IO.inspect(monitors.())
    go_on.()
    late.()
    IO.inspect({monitors.(), for({Watch, key} <- Process.get_keys(), do: key)})
    """

    result = Program.elixir(code)
    assert {result.status, result.err} == {0, ""}
    assert String.split(result.out, "\n", trim: true) == ["3", "3", "{0, []}"]
  end
end

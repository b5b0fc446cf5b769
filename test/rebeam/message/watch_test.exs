defmodule Rebeam.Message.WatchTest do
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # A node that takes nothing, with a process of it that is watched.
  @busy ~S"""
  System.cmd("epmd", ["-daemon"])
  {:ok, _} = Node.start(:"near_#{System.pid()}@127.0.0.1")
  cookie = ["-setcookie", "#{Node.get_cookie()}"] |> Enum.map(&String.to_charlist/1)
  options = %{name: :"far_#{System.pid()}", host: ~c"127.0.0.1", longnames: true, args: cookie}
  {:ok, _, far} = :peer.start_link(options)
  os_pid = :erpc.call(far, :os, :getpid, [])
  pid = :erpc.call(far, :erlang, :whereis, [:init])
  watches = for _ <- 1..3, do: Rebeam.Message.Watch.start(pid, {self(), make_ref()}, :infinity, false)
  System.cmd("kill", ["-STOP", "#{os_pid}"])
  block = :binary.copy("x", 1_000_000)
  for _ <- 1..20, do: Rebeam.Nodes.Courier.deliver({:nobody, far}, block)
  monitors = fn -> self() |> Process.info(:monitors) |> elem(1) |> length() end
  """

  @tag :slow
  test "monitors that could not be taken back from a busy node are when it takes them" do
    code =
      @busy <>
        ~S"""
        IO.inspect(Rebeam.Nodes.busy?(far))
        Enum.each(watches, &Rebeam.Message.Watch.clear/1)
        IO.inspect(monitors.())
        late = fn -> receive do {:timeout, timer, Rebeam.Message.Watch} -> timer end end
        Rebeam.Message.Watch.take_back(late.())
        IO.inspect(monitors.())
        System.cmd("kill", ["-CONT", "#{os_pid}"])
        true = Rebeam.Nodes.await_free(far)
        Rebeam.Message.Watch.take_back(late.())
        IO.inspect({monitors.(), Process.get_keys() |> Enum.filter(&match?({Rebeam.Message.Watch, _}, &1))})
        """

    result = Program.elixir(code)
    assert {result.status, result.err} == {0, ""}
    assert String.split(result.out, "\n", trim: true) == ["true", "3", "3", "{0, []}"]
  end
end

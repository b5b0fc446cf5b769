defmodule Rebeam.Actor.Review2Test do
  use ExUnit.Case, async: false
  alias Rebeam.InElixir

  @keeper """
  from rebeam import *

  class Keeper(GenPy):
      name = "keeper"
      @receive("size")
      def size(self, message):
          return len(message)

  class Sender(GenPy):
      name = "sender"
      @receive("big")
      def big(self, message):
          return call_many([("keeper", "size", b"x" * message)], timeout=None)[0][1]
  Supervisor([Keeper, Sender])
  """

  test "a large payload is garbage once it was handed on" do
    code = ~S"""
    wait_until(fn -> Rebeam.whereis("sender") end)
    keeper = wait_until(fn -> Rebeam.whereis("keeper") end)
    me = self()
    spawn(fn ->
      :erlang.trace(keeper, true, [:receive])
      receive do {:trace, _, _, m} -> send(me, {:shape, inspect(m, limit: 4, printable_limit: 5)}) end
    end)
    for _ <- 1..2 do
    {:ok, n} = Rebeam.call("sender", "big", 50_000_000)
    Process.sleep(300)
    {:binary, b} = :erlang.process_info(keeper, :binary)
    show.({n, length(b)})
    receive do {:shape, s} -> IO.puts(s) after 100 -> :ok end
    end
    :erlang.garbage_collect(keeper)
    Process.sleep(100)
    {:binary, b} = :erlang.process_info(keeper, :binary)
    show.({:after_gc, length(b)})
    """

    # What its process still refers to, idle: on main nothing.
    lines = InElixir.lines!(@keeper, code)
    assert Enum.count(lines, &(&1 == "{50000000, 0}")) == 2
  end
end

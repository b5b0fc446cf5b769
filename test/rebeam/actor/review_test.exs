defmodule Rebeam.Actor.ReviewTest do
  use ExUnit.Case, async: false
  alias Rebeam.{InElixir, Program}

  test "an answer of a handler to a cast is not overtaken by the next handler's cast" do
    r = Program.run("actor/review/answer_order.py", limit: 120)
    IO.puts(r.out <> r.err)
    assert r.out =~ "overtaken 0 of"
  end

  test "an exit signal is not overtaken by what its sender sends next" do
    r = Program.run("actor/review/exit_order.py", limit: 120)
    IO.puts(r.out <> r.err)
    assert r.out =~ "overtaken 0 of"
    assert r.out =~ "kill alive after exit: 0 of 50"
    assert r.out =~ "shutdown alive after exit: 0 of 50"
  end

  @keeper """
  from rebeam import *

  class Keeper(GenPy):
      name = "keeper"
      def __init__(self):
          self.seen = []
      @start()
      def boot(self):
          sleep(0.5)
      @receive("add")
      def add(self, message):
          self.seen.append(message)
      @receive("size")
      def size(self, message):
          return len(message)
      @info()
      def plain(self, message):
          self.seen.append(message)
      @receive("take")
      def take(self):
          seen, self.seen = self.seen, []
          return seen

  class Sender(GenPy):
      name = "sender"
      @receive("send")
      def send_(self, message):
          return send("keeper", message)
      @receive("big")
      def big(self, message):
          return call_many([("keeper", "size", b"x" * message)])[0][1]
      @receive("cast")
      def cast(self, message):
          keeper = whereis("keeper")
          return [cast(keeper, "add", n) for n in range(message)]

  def main():
      run_register_process(Sender)
      async_(lambda: run_register_process(Keeper))
      sleep(3600)
  Supervisor(modules=[child(main, restart="temporary")])
  """

  @code """
  wait_until(fn -> Rebeam.whereis("sender") end)
  keeper = wait_until(fn -> Rebeam.whereis("keeper") end)
  ask = fn subject, message ->
    {:ok, answer} = Rebeam.call("sender", subject, message)
    answer
  end
  received = fn fun ->
    :erlang.trace(keeper, true, [:receive])
    fun.()
    :erlang.trace(keeper, false, [:receive])
    reference = :erlang.trace_delivered(keeper)
    receive do: ({:trace_delivered, ^keeper, ^reference} -> :ok)
    collect = fn collect, seen ->
      receive do
        {:trace, ^keeper, :receive, message} -> collect.(collect, [message | seen])
      after
        0 -> Enum.reverse(seen)
      end
    end
    collect.(collect, [])
  end
  casts = fn messages -> for {:"$gen_cast", {head, "add", _, _, _}} <- messages, do: head end
  """

  test "what is sent during @start does not close the way for ever" do
    code = ~S"""
    show.(ask.("send", 700))
    show.(Rebeam.call("keeper", "take", nil))
    Process.sleep(100)
    show.(casts.(received.(fn -> ask.("cast", 3) end)))
    """

    assert InElixir.lines!(@keeper, @code <> code) == ["true", "{:ok, [700]}", "[]"]
  end

  test "a large payload is garbage once it was handed on" do
    code = ~S"""
    Rebeam.call("keeper", "take", nil)
    show.(ask.("big", 50_000_000))
    Process.sleep(300)
    {:binary, b} = :erlang.process_info(keeper, :binary)
    show.(for {_, size, _} <- b, size > 1_000_000, do: size)
    """

    assert InElixir.lines!(@keeper, @code <> code) == ["50000000", "[]"]
  end

  test "reports" do
    code = ~S"""
    Rebeam.call("keeper", "take", nil)
    defmodule H do
      def log(event, %{config: %{to: to}}), do: send(to, {:event, event})
    end
    :logger.add_handler(:h, H, %{config: %{to: self()}})
    show.(catch_exit(GenServer.call(keeper, {:rebeam_admitted, 1, 2})) |> elem(0) |> elem(0))
    events = fn events -> receive do {:event, e} -> [e | events.(events)] after 500 -> [] end end
    for %{msg: {:report, %{label: {:gen_server, :terminate}} = report}, meta: %{report_cb: cb}} <- events.(events) do
      show.(report.client_info)
      show.(is_list(cb.(report, %{depth: 30, chars_limit: 1000, single_line: false}) |> catch_all()))
    end
    """

    code = String.replace(code, "|> catch_all()", "")
    code = "import ExUnit.Assertions\n" <> code
    lines = InElixir.lines!(@keeper, @code <> code)
    IO.inspect(lines)
  end
end

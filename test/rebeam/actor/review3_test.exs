defmodule Rebeam.Actor.Review3Test do
  use ExUnit.Case, async: false
  alias Rebeam.InElixir

  @traps """
  from rebeam import *
  class Traps(GenPy):
      @start()
      def boot(self):
          trap_exit(True)
          sleep(1.0)
      @info()
      def plain(self, message):
          print("event", message, flush=True)
      @receive("x")
      def x(self): return 1
  class Keeper(GenPy):
      name = "keeper"
      @receive("x")
      def x(self): return 1
  Supervisor([Keeper])
  """

  for {title, name} <- [{"unnamed", "[]"}, {"named", "[name: Some.Supervisor]"}] do
    @tag parent: true
    test "an actor follows its supervisor that was killed while it started: #{title}" do
      code = ~S"""
      wait_until(fn -> Rebeam.whereis("keeper") end)
      before = Process.list()
      spawn(fn ->
        {:ok, _} = Supervisor.start_link([{Rebeam.GenPy, {{"main_actors", "Traps"}, [path: "."]}}], [strategy: :one_for_one] ++ NAME)
      end)
      {sup, child} = wait_until(fn ->
        Enum.find_value(Process.list() -- before, fn pid ->
          with {:dictionary, d} <- Process.info(pid, :dictionary), {Rebeam.Actor, :init, 1} <- d[:"$initial_call"] do
            [sup | _] = d[:"$ancestors"]
            {sup, pid}
          else
            _ -> nil
          end
        end)
      end)
      Process.sleep(500)
      show.({is_atom(sup), Process.alive?(child)})
      Process.exit((if is_atom(sup), do: Process.whereis(sup), else: sup), :kill)
      Process.sleep(1500)
      show.({:orphan, Process.alive?(child)})
      """

      code =
        "File.write!(\"main_actors.py\", File.read!(\"main.py\") |> String.replace(\"Supervisor([Keeper])\", \"\"))\n" <>
          String.replace(code, "NAME", unquote(name))

      lines = InElixir.lines!(@traps, code)
      IO.inspect(lines)
      assert "{:orphan, false}" in lines
    end
  end

  @members """
  from rebeam import *
  class Member(GenPy):
      def __init__(self, n):
          self.n = n
      @start()
      def boot(self):
          join("all")
      @receive()
      def any(self, subject, message):
          return self.n
  class Sender(GenPy):
      name = "sender"
      @receive("cast")
      def cast(self, message):
          cast(message, "probe", 0)
  class Loud(GenPy):
      @receive("go")
      def go(self, message):
          while True:
              broadcast("all", "x", 1)
  class Boss(GenPy):
      name = "boss"
      @receive("loud")
      def loud(self):
          pid = run_register_process(child(Loud, restart="temporary"))
          cast(pid, "go")
          return pid
  def main():
      run_register_process(Sender)
      run_register_process(Boss)
      for n in range(400):
          run_register_process(Member(n))
      cast("boss", "nothing")
      run_register_process(Done)
      sleep(3600)
  class Done(GenPy):
      name = "done"
  Supervisor(modules=[child(main, restart="temporary")])
  """

  @tag :leak
  test "a sender that is killed closes no way for ever" do
    code = ~S"""
    wait_until(fn -> Rebeam.whereis("done") end)
    members = :pg.get_members(:rebeam, "all")
    members = if members == [], do: (for scope <- [:pg, Rebeam.Message.Groups, Rebeam.Groups], m <- (try do :pg.get_members(scope, "all") catch _, _ -> [] end), do: m), else: members
    show.(length(members))
    for _ <- 1..80 do
      {:ok, loud} = Rebeam.call("boss", "loud", nil)
      Process.sleep(Enum.random(5..25))
      Process.exit(loud, :kill)
    end
    Process.sleep(2000)
    closed = for m <- members do
      {:ok, _} = Rebeam.call(m, "settle", nil)
      :erlang.trace(m, true, [:receive])
      Rebeam.call("sender", "cast", m)
      Rebeam.call("sender", "cast", m)
      :erlang.trace(m, false, [:receive])
      r = :erlang.trace_delivered(m)
      receive do: ({:trace_delivered, ^m, ^r} -> :ok)
      n = fn n, c -> receive do {:trace, ^m, :receive, {:"$gen_cast", _}} -> n.(n, c + 1); {:trace, _, _, _} -> n.(n, c) after 0 -> c end end
      if n.(n, 0) > 0, do: 1, else: 0
    end
    show.({:closed, Enum.sum(closed)})
    """

    lines = InElixir.lines!(@members, code)
    IO.inspect(lines)
    assert "{:closed, 0}" in lines
  end

  @tag :forge
  test "a forged message ends no VM" do
    code = ~S"""
    wait_until(fn -> Rebeam.whereis("keeper") end)
    f = wait_until(fn -> Rebeam.whereis("f") end)
    {:ok, payload} = Rebeam.Value.Codec.pack(1)
    GenServer.cast(f, {:rebeam_admitted, "x", payload, nil, nil})
    Process.sleep(200)
    show.(:alive)
    """

    py =
      String.replace(
        @traps,
        "Supervisor([Keeper])",
        "def f():\n    sleep(3600)\nSupervisor([Keeper, child(f, name=\"f\")])"
      )

    assert InElixir.lines!(py, code) == [":alive"]
  end
end

defmodule Rebeam.Actor.DirectTest do
  # The short way: messages pass their target's process. What the BEAM promises stays.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, InterpreterProgram, Program}

  @order "actor/direct/order.py"
  @within "wrong [] [] []\nlost 0\n"
  @in_order @within <> "between nodes: wrong [] []\nbetween nodes: lost 0\n"

  defp placed("interpreter") do
    python = hd(InterpreterProgram.pythons()).executable
    ["--isolation", "interpreter", "--workers", "2", "--python", python]
  end

  defp placed(placement), do: ["--isolation", placement, "--workers", "2"]

  # Names change hands meanwhile, an actor is killed over and over, and another node takes part.
  # REBEAM_MESSAGES=10000000 and REBEAM_SEED ask for others.
  for {placement, absent} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", InterpreterProgram.lacks_units()}
      ] do
    @tag :slow
    @tag skip: absent
    test "each sender's messages come in their order, whichever way each takes: #{placement}" do
      result =
        Program.run(@order,
          cd: Program.folder(),
          args: if(unquote(placement) == "process", do: ["apart"], else: []),
          options: ["--log-level", "none" | placed(unquote(placement))],
          limit: 120 + div(String.to_integer(System.get_env("REBEAM_MESSAGES", "0")), 1_000)
        )

      assert %{status: 0, out: @in_order} = result
    end
  end

  @classes """
  from rebeam import *

  class Keeper(GenPy):
      name = "keeper"
      def __init__(self):
          self.seen = []
      @receive("add")
      def add(self, message):
          self.seen.append(message)
      @info()
      def plain(self, message):
          self.seen.append(message)
      @receive("take")
      def take(self):
          seen, self.seen = self.seen, []
          return seen

  class Sender(GenPy):
      name = "sender"
      @receive("cast")
      def cast(self, message):
          keeper = whereis("keeper")
          return [cast(keeper, "add", n) for n in range(message)]
      @receive("call")
      def call(self, message):
          return call("keeper", "add", "call", timeout=message)[0].value
      @receive("mixed")
      def mixed(self, message):
          for n in message:
              cast("keeper", "add", n) if n % 2 else send("keeper", n)
  """

  @keeper @classes <> "Supervisor([Keeper, Sender])\n"

  @code """
  keeper = wait_until(fn -> Rebeam.whereis("keeper") end)
  wait_until(fn -> Rebeam.whereis("sender") end)
  ask = fn subject, message ->
    {:ok, answer} = Rebeam.call("sender", subject, message)
    answer
  end
  # The process of the keeper, seen by Erlang's own tracing: what it receives.
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

  test "a suspended process takes nothing; what came meanwhile comes afterwards, in its order" do
    code = ~S"""
    :ok = :sys.suspend(keeper)
    show.(ask.("cast", 3))
    ask.("mixed", [10, 11, 12, 13])
    show.(ask.("call", 0.05))
    # Through its process, on which it has not come yet.
    {:status, ^keeper, _, [_, how, _, _, _]} = :sys.get_status(keeper)
    show.(how)
    :ok = :sys.resume(keeper)
    show.(Rebeam.call("keeper", "take", nil))
    show.(ask.("cast", 3))
    show.(Rebeam.call("keeper", "take", nil))
    """

    assert InElixir.lines!(@keeper, @code <> code) == [
             "[true, true, true]",
             ~s("timeout"),
             ":suspended",
             ~s({:ok, [0, 1, 2, 10, 11, 12, 13, "call"]}),
             "[true, true, true]",
             "{:ok, [0, 1, 2]}"
           ]
  end

  test "messages pass the process unless it is traced; then all come to it" do
    code = ~S"""
    show.(casts.(received.(fn -> ask.("cast", 3) end)))
    :ok = :sys.trace(keeper, true)
    show.(casts.(received.(fn -> ask.("cast", 2) end)))
    :ok = :sys.trace(keeper, false)
    show.(casts.(received.(fn -> ask.("cast", 3) end)))
    # What looks at it for a moment only does not close the way for longer.
    %Rebeam.Actor{} = :sys.get_state(keeper)
    %Rebeam.Actor{} = :sys.replace_state(keeper, & &1)
    show.(casts.(received.(fn -> ask.("cast", 3) end)))
    show.(Rebeam.call("keeper", "take", nil))
    """

    lines = InElixir.lines!(@keeper, @code <> code)
    {shown, traced} = Enum.split_with(lines, &(not String.starts_with?(&1, "*DBG*")))
    assert Enum.any?(traced, &(&1 =~ "rebeam_admitted"))

    assert shown == [
             "[]",
             "[:rebeam_admitted, :rebeam_admitted]",
             "[]",
             "[]",
             "{:ok, [0, 1, 2, 0, 1, 0, 1, 2, 0, 1, 2]}"
           ]
  end

  @tag :slow
  test "on demand each message goes through the process" do
    code = ~S"""
    show.(casts.(received.(fn -> ask.("cast", 3) end)))
    show.(Rebeam.call("keeper", "take", nil))
    """

    for setting <- [
          ~s|System.put_env("REBEAM_DIRECT", "no")|,
          "Application.put_env(:rebeam, :direct, false)"
        ] do
      assert InElixir.lines!(@keeper, @code <> code, setting <> "\n") ==
               ["[:rebeam_admitted, :rebeam_admitted, :rebeam_admitted]", "{:ok, [0, 1, 2]}"]
    end
  end

  @tag :slow
  test "the order holds while processes are suspended, looked at and traced" do
    code = ~S"""
    names = for n <- 0..3, do: "target #{n}"
    spawn(fn ->
      Stream.repeatedly(fn -> Enum.random(names) end)
      |> Enum.each(fn name ->
        pid = wait_until(fn -> Rebeam.whereis(name) end)
        case :rand.uniform(4) do
          1 -> :sys.suspend(pid, :infinity) && :erlang.yield() && :sys.resume(pid, :infinity)
          2 -> :sys.get_state(pid, :infinity)
          3 -> :sys.trace(pid, true) && :sys.no_debug(pid)
          4 -> :sys.replace_state(pid, & &1)
        end
      end)
    end)
    receive do: ({:rebeam_script, ^script, _, :over} = over -> send(self(), over))
    """

    # Its own nodes are no matter here.
    before = ~s|Logger.configure(level: :none)\nSystem.put_env("REBEAM_ALONE", "yes")\n|

    lines =
      InElixir.lines!(@order, code, before)
      |> Enum.reject(&String.starts_with?(&1, "*DBG*"))

    assert Enum.join(lines, "\n") <> "\n" == @within
  end

  @tag :slow
  test "who heard of an end sends nothing there, and is told at once" do
    assert Program.lines!("actor/direct/after_an_end.py", limit: 120) == [
             "casts after Down []",
             "calls after Down {'down'}",
             "places True",
             "baseline"
           ]
  end

  @tag :slow
  test "the answer of a handler to a cast is not overtaken, nor is an exit signal" do
    assert Program.lines!("actor/direct/answers_of_casts.py", limit: 120) == ["overtaken []"]

    assert Program.lines!("actor/direct/exit_signals.py", limit: 120) == [
             "overtaken []",
             "kill {'down'}",
             "shutdown {'down'}"
           ]
  end

  @tag :slow
  test "what comes during @start does not close the way for later" do
    program =
      @classes <>
        """
        from threading import Event
        begun, go = Event(), Event()

        class Late(Keeper):
            @start()
            def boot(self):
                begun.set()
                go.wait()

        class Early(Sender):
            @receive("early")
            def early(self):
                begun.wait()
                send("keeper", 1)
                cast("keeper", "add", 2)
                go.set()
                return call("keeper", "take", timeout=None)[1]

        def main():
            run_register_process(Early)
            run_register_process(Late)
            sleep(3600)
        Supervisor(modules=[main])
        """

    code =
      ~S"""
      wait_until(fn -> Rebeam.whereis("sender") end)
      show.(Rebeam.call("sender", "early", nil, :infinity))
      """ <> @code <> "show.(casts.(received.(fn -> ask.(\"cast\", 3) end)))\n"

    assert InElixir.lines!(program, code) == ["{:ok, [1, 2]}", "[]"]
  end

  for {placement, absent} <- [
        {"shared", nil},
        {"interpreter", InterpreterProgram.lacks_units()}
      ] do
    @tag :slow
    @tag skip: absent
    test "short lives, all ways, all ends: #{placement}" do
      options = ["--log-level", "none" | placed(unquote(placement))]

      result = Program.run("actor/direct/stress.py", options: options, limit: 200)
      assert %{status: 0, out: "{'ok'}\nbaseline\n"} = result
    end
  end
end

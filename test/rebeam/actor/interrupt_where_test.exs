defmodule Rebeam.Actor.InterruptWhereTest do
  # call(..., interrupt=True) from and to whatever may call and be called.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, InterruptProgram}

  @crashed InterruptProgram.crashed()

  @tag :slow
  test "who waits behind it hears why; call_async, plain threads and state machines" do
    timeout = "(<Status.TIMEOUT: 'timeout'>, None)"

    assert Enum.reject(
             InterruptProgram.lines!("actor/interrupt_where/who_waits_behind_it_hears_why.py"),
             &(&1 == @crashed)
           ) == [
             "True True",
             "timeout down #{@crashed} True",
             "True True",
             "#{timeout} True True",
             "#{timeout} True True",
             "#{timeout} True",
             "True"
           ]
  end

  @tag :slow
  test "an actor on another node" do
    code = ~S"""
    look = fn -> Rebeam.FarNode.whereis(far, "target") end
    asker = wait_until(fn -> Rebeam.whereis("asker") end)
    for {subject, named?} <- [{"loop", false}, {"loop", true}, {"queued", false}, {"swallow", false}] do
      pid = wait_until(look)
      target = if named?, do: {"target", Atom.to_string(far)}, else: pid
      show.(Rebeam.call(asker, "ask", {target, subject}, 60_000))
      wait_until(fn -> look.() not in [nil, pid] or subject == "queued" end)
      show.({look.() == pid, Rebeam.call(wait_until(look), "echo", 1)})
    end
    counts = fn -> :erpc.call(far, Rebeam, :info, []) end
    wait_until(fn -> counts.().abandoned == 0 and counts.().detached == 0 end)
    """

    assert "actor/interrupt_where/actor_on_another_node.py"
           |> InElixir.lines_of_two!(code)
           |> Enum.filter(&String.starts_with?(&1, "{")) == [
             ~s({:ok, "timeout"}),
             "{false, {:ok, 1}}",
             ~s({:ok, "timeout"}),
             "{false, {:ok, 1}}",
             ~s({:ok, ["timeout", "timeout"]}),
             "{true, {:ok, 1}}",
             ~s({:ok, "timeout"}),
             "{false, {:ok, 1}}"
           ]
  end

  @tag :slow
  test "an Elixir server's work goes on, and it does not notice" do
    code = ~S"""
    defmodule Slow do
      use Rebeam.Server
      def init(nil), do: {:ok, 0}
      def handle_receive("work", waits, _source, n) do
        if waits, do: receive(do: (:go_on -> :ok))
        {:ok, n + 1, n + 1}
      end
    end
    {:ok, slow} = Rebeam.Server.start_link(Slow, nil, name: "slow")
    asker = wait_until(fn -> Rebeam.whereis("asker") end)
    show.(Rebeam.call(asker, "ask", true))
    send(slow, :go_on)
    show.(Rebeam.call("slow", "work", false))
    """

    program = """
    from rebeam import *
    class Asker(GenPy):
        name = "asker"
        @receive("ask")
        def ask(self, message):
            return call("slow", "work", message, 0.05, interrupt=True)[0].value
    Supervisor([Asker])
    """

    assert InElixir.lines!(program, code) == [~s({:ok, "timeout"}), "{:ok, 2}"]
  end

  @tag :slow
  test "a state machine that is busy elsewhere is never stuck" do
    assert InterruptProgram.lines!(
             "actor/interrupt_where/state_machine_that_is_busy_elsewhere_is_never.py"
           ) == ["True"]
  end
end

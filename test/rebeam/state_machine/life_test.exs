defmodule Rebeam.StateMachine.LifeTest do
  # A state machine as a process: it waits, crashes, is restarted, shut down and looked at.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  defp lines(text), do: String.split(text, "\n", trim: true)
  defp entries(text), do: Regex.scan(~r/^\d\d:\d\d:\d\d\.\d+ \[\w+\]/m, text)

  @tag :slow
  test "while a handler waits, other events wait, and no thread does" do
    assert Program.lines!("state_machine/life/while_a_handler_waits.py") == [
             "0 True",
             "(<Status.TIMEOUT: 'timeout'>, None)",
             "(<Status.OK: 'ok'>, 10)",
             "(<Status.OK: 'ok'>, [2, 4])",
             "(<Status.OK: 'ok'>, ['begin', 'end', 'entered', 'timeout', 'first', 'late', 'second'])",
             "ok"
           ]
  end

  @tag :slow
  test "calls from a state machine: to itself, to nobody, in time and too late" do
    result = Program.run("state_machine/life/calls_from_a_state_machine.py")
    assert result.status == 0
    assert [_] = entries(result.err)

    assert lines(result.out) == [
             "(<Status.OK: 'ok'>, ['ok', '0.01'])",
             "(<Status.OK: 'ok'>, 'an actor cannot call itself: it would wait for its own answer')",
             "(<Status.OK: 'ok'>, ['down', 'noproc'])",
             "(<Status.OK: 'ok'>, ['timeout', 'None'])",
             "(<Status.OK: 'ok'>, ['ok', '0.02'])",
             "(<Status.OK: 'ok'>, ['timeout', 'None'])",
             "(<Status.OK: 'ok'>, ['ok', '0.01'])",
             "(<Status.OK: 'ok'>, [0.01, 0.02, 0.03])",
             "(<Status.OK: 'ok'>, ['down', 'ValueError: slow died'])",
             "(<Status.OK: 'ok'>, ['ok', '0.01'])"
           ]
  end

  @tag :slow
  test "a crash: everybody who waits gets DOWN with the traceback, one log entry, a fresh machine" do
    result = Program.run("state_machine/life/crash.py")
    assert result.status == 0
    assert [first, stop | rest] = lines(result.out)
    assert first == "(<Status.OK: 'ok'>, [1, 'gone'])"
    assert stop == "stop in b ValueError: on purpose"
    {told, rest} = Enum.split(rest, 3)

    assert Enum.sort(told) ==
             for(
               s <- ~w(fail go look),
               do: "#{s} down Traceback (most recent call last): ValueError: on purpose"
             )

    assert [
             "(<Status.OK: 'ok'>, ['a', [1]])",
             "stop in b" <> _,
             "down Traceback" <> _,
             line | rest
           ] = rest

    # No frame but the user's.
    assert line =~
             ~r/main.py", line #{Program.line("state_machine/life/crash.py", "raise ValueError")}, in fail$/

    assert Enum.slice(rest, -3, 3) == [
             "ValueError: on purpose",
             "(<Status.OK: 'ok'>, ['a', [1]])",
             "stop in a shutdown"
           ]

    assert [_, _] = entries(result.err)

    assert result.err =~
             ~r/\[error\] actor machine \(Machine\) <[\d.]+> crashed in @event\("fail", state="b"\)/

    assert result.err =~ "message: 2"
    assert result.err =~ "'list': [1, 'gone']"
    refute result.err =~ "_statem.py"
  end

  @tag :slow
  test "crashes in @enter, @timeout, @info, and sys.exit" do
    result = Program.run("state_machine/life/crashes_in_enter_timeout_info_and_sys_exit.py")
    assert result.status == 0

    assert lines(result.out) == [
             "(<Status.OK: 'ok'>, 'going')",
             "(<Status.OK: 'ok'>, 'going')",
             "(<Status.DOWN: 'down'>, 'SystemExit: 3')",
             "(<Status.DOWN: 'down'>, 'normal')"
           ]

    assert length(entries(result.err)) == 5
    assert result.err =~ ~r/crashed in @enter\("enter"\)\n/
    assert result.err =~ ~r/crashed in @timeout, state timeout, state "timeout"\n/
    assert result.err =~ ~r/crashed in @timeout, timeout "x", state "a"\n/
    assert result.err =~ ~r/crashed in @info, state "a"\n  message: 1\n/
    assert result.err =~ ~r/ended with status 3 in @event\("exit", state="a"\)/
  end

  test "shut down while a handler waits: ActorExit, then @stop, within the shutdown time" do
    result = Program.run("state_machine/life/shut_down_while_a_handler_waits.py")
    assert result.status == 0
    ["end" | rest] = lines(result.out)
    own = fn name -> Enum.filter(rest, &String.starts_with?(&1, name <> " ")) -- told(name) end

    # None was killed at the end of its five seconds.
    for name <- ~w(a b c d) do
      assert own.(name) == ["#{name} exit", "#{name} finally", "#{name} stop shutdown"]
    end

    # In the reverse order of their start.
    stops = Enum.filter(rest, &(&1 =~ "stop shutdown"))
    assert Enum.map(stops, &String.first/1) == ~w(d c b a)
    assert "a told down shutdown" in rest
    assert "b told ok answered" in rest
    assert result.err == ""
  end

  defp told(name), do: ["#{name} told down shutdown", "#{name} told ok answered"]

  @tag :slow
  test "sys sees an ordinary state machine" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
    machine = wait_until(fn -> Rebeam.whereis("machine") end)
    {"one", data} = :sys.get_state(machine)
    IO.inspect(data.label)
    IO.inspect(Rebeam.call("machine", "go", "two"))
    {"two", _} = :sys.get_state(machine)
    Rebeam.cast("machine", "wait", nil)
    Rebeam.call("machine", "nothing", nil)
    {:status, ^machine, {:module, module}, [_, _, _, _, items]} = :sys.get_status(machine)
    IO.inspect(module)
    [data] = for {:data, data} <- items, {~c"Postponed", _} <- data, do: data
    {_, [{:cast, {:rebeam, subject, _, _, _}}]} = List.keyfind(data, ~c"Postponed", 0)
    {_, {1, [{{:timeout, "x"}, nil}]}} = List.keyfind(data, ~c"Time-outs", 0)
    IO.inspect(subject)
    :sys.replace_state(machine, fn {"two", data} -> {"one", data} end)
    IO.inspect(Rebeam.call("machine", "go", "two"))
    :ok = :sys.suspend(machine)
    IO.inspect(Rebeam.call("machine", "go", "one", 50))
    :ok = :sys.resume(machine)
    IO.inspect(Rebeam.call("machine", "go", "two"))
    :ok = :sys.trace(machine, false)
    IO.inspect(GenServer.call(machine, :other))
    GenServer.cast(machine, :other)
    send(machine, fn -> :a_fun end)
    GenServer.cast(machine, {:rebeam, :not, :ours, nil, nil})
    IO.inspect(GenServer.call(machine, {:rebeam, :not, :ours}))
    send(machine, {:DOWN, make_ref(), :process, self(), {:shutdown, :over}})
    {:ok, [kind, pid, reason]} = Rebeam.call(machine, "noted", nil)
    IO.inspect({kind, "#PID" <> pid == inspect(self()), reason})
    {:dictionary, dictionary} = Process.info(machine, :dictionary)
    IO.inspect(dictionary[:"$initial_call"])
    Process.exit(machine, :kill)
    replaced("machine", machine)
    {"one", _} = :sys.get_state(Rebeam.whereis("machine"))
    waiting = Rebeam.info().suspended
    spawn(fn -> Rebeam.call("machine", "sleep", 1000) end)
    wait_until(fn -> Rebeam.info().suspended > waiting end)
    machine = Rebeam.whereis("machine")
    Process.exit(machine, :shutdown)
    replaced("machine", machine)
    {"one", _} = :sys.get_state(Rebeam.whereis("machine"))
    Rebeam.Program.Script.stop(script, 0)
    receive do
      {:rebeam_script, ^script, {:status, 0}, :over} -> IO.puts("over")
    end
    """

    folder =
      Program.folder(%{"main.py" => "state_machine/life/sys_sees_an_ordinary_state_machine.py"})

    result = Program.elixir(code, cd: folder)

    assert lines(result.out) == [
             ~s("Machine"),
             ~s({:ok, ["one", "two"]}),
             ":gen_statem",
             ~s("wait"),
             ~s({:ok, ["one", "two"]}),
             "{:timeout, nil}",
             ~s({:ok, ["one", "two"]}),
             "{:error, :not_a_rebeam_call}",
             "{:error, :not_a_rebeam_call}",
             ~s({"Down", true, "over"}),
             "{Rebeam.StateMachine, :init, 1}",
             "over"
           ],
           result.err

    assert result.status == 0
  end

  @tag :slow
  test "a long mailbox is taken in its order, and handlers that wait do not lose what is behind" do
    assert Program.lines!("state_machine/life/long_mailbox_is_taken_in_its_order.py") == [
             "(<Status.OK: 'ok'>, (True, 30000))"
           ]
  end

  @tag :slow
  test "the counts are back at their baseline after crashes, postpones, timers and waits" do
    result = Program.run("state_machine/life/counts_are_back_at_their_baseline_after.py")
    assert %{status: 0, out: "baseline\n"} = result
    assert length(entries(result.err)) == 10
  end
end

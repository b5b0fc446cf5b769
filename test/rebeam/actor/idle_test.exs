defmodule Rebeam.Actor.IdleTest do
  # @idle: once after a time without messages; hibernation after such a time.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  # What happened is judged by the actor's own clock: the machine may be busy.
  @tag :slow
  test "once, until the next message; never while messages come" do
    program = """
    from rebeam import *
    from baseline import counts, settled
    from idler import *
    from waiting import wait_until
    run_register_process(Idler)
    before = counts()
    sleep(1.5)
    wait_until(is_idle)
    cast("idler", "add", 1)
    for _ in range(10):
        sleep(0.1)
        cast("idler", "add", ".")
    sleep(1)
    wait_until(is_idle)
    send("idler", "plain")
    sleep(1)
    wait_until(is_idle)
    words = judge(call("idler", "seen")[1])
    print(words[:3], words[-3:], words.count("."))
    print(settled(before))
    """

    assert Program.lines!(program) == [
             "['made', 'idle', 1] ['idle', 'plain', 'idle'] 10",
             "baseline"
           ]
  end

  @tag :slow
  test "work and waits are not idle" do
    program = """
    from rebeam import *
    from idler import *
    from waiting import wait_until
    run_register_process(Idler)
    cast("idler", "sleep", 0.8)
    cast("idler", "compute", 0.8)
    cast("idler", "sleep", 0.8)
    sleep(3.5)
    wait_until(is_idle)
    words = judge(call("idler", "seen")[1])
    # On a busy machine it may have been idle before it had work.
    print(words[:1] + words[1 + (words[1] == "idle"):])
    """

    assert Program.lines!(program) == [
             "['made', 'slept', 'computed', 'slept', 'idle']"
           ]
  end

  @tag :slow
  test "messages at any time set its beginning" do
    program = """
    from rebeam import *
    from idler import *
    from waiting import wait_until
    run_register_process(Idler)
    for wait in (0.05, 0.15, 0.25, 0.1, 0.29, 0.2, 1.0, 0.28, 0.02, 1.0):
        cast("idler", "add", wait)
        sleep(wait)
        wait == 1.0 and wait_until(is_idle)
    print(judge(call("idler", "seen")[1]).count("idle") >= 2)
    """

    assert Program.lines!(program) == ["True"]
  end

  @tag :slow
  test "it may call, raise, and be inherited; its parameters and time are checked" do
    result = Program.run("actor/idle/it_may_call_raise.py")
    assert %{status: 0} = result
    text = "TypeError: @idle(seconds) must be a number of seconds, not "
    value = "ValueError: @idle(seconds) must be a number of seconds above 0, not "

    lines = String.split(result.out, "\n", trim: true)
    assert "overridden ok" in lines

    assert Enum.reject(lines, &(&1 == "overridden ok")) == [
             "['made']",
             value <> "0",
             value <> "-1",
             value <> "nan",
             value <> "inf",
             text <> "'1'",
             text <> "True",
             text <> "None",
             "TypeError: twice.<locals>.Two: a and b both handle @idle()"
           ]

    assert result.err =~ "crashed in @idle\n"
    assert result.err =~ "ValueError: nothing happens"
  end

  @tag :slow
  test "hibernation: after its time, again after each message, and memory shrinks" do
    code = ~S"""
    pid = wait_until(fn -> Rebeam.whereis("sleepy") end)
    awake = wait_until(fn -> Rebeam.whereis("awake") end)
    both = wait_until(fn -> Rebeam.whereis("both") end)
    # From OTP 28 on gen_server waits in a function of its own then.
    hibernates = [{:erlang, :hibernate, 3}, {:gen_server, :loop_hibernate, 4}]
    hibernates? = fn pid -> elem(Process.info(pid, :current_function), 1) in hibernates end
    for _ <- 1..3 do
      begin = System.monotonic_time(:millisecond)
      for target <- [pid, awake, both], do: Rebeam.call(target, "echo", String.duplicate("x", 100))
      # Or its time is over already, on a busy machine.
      awake? = not hibernates?.(pid) or System.monotonic_time(:millisecond) - begin >= 400
      Process.sleep(2000)
      wait_until(fn -> hibernates?.(pid) and hibernates?.(both) end)
      show.({awake?, hibernates?.(pid), hibernates?.(awake), hibernates?.(both)})
      show.(Process.info(pid, :total_heap_size) < Process.info(awake, :total_heap_size))
    end
    # Nothing hibernates while it works: it answers as ever.
    for n <- 1..2000, do: {:ok, ^n} = Rebeam.call(pid, "echo", n)
    show.(Rebeam.call("both", "n", nil))
    """

    once = ["{true, true, false, true}", "true"]

    assert InElixir.lines!("actor/idle/hibernation.py", code) ==
             once ++ once ++ once ++ ["{:ok, 3}"]
  end

  test "what is no time fails the start" do
    program = """
    from rebeam import *
    class Bad(GenPy):
        def __init__(self, value):
            self.hibernate_after = value
    for value in (0, "1", float("nan")):
        try:
            run_register_process(Bad(value))
        except RuntimeError as error:
            print(str(error).splitlines()[-1])
    """

    result = Program.run(program, options: ~w(--log-level none))
    assert %{status: 0, err: ""} = result

    assert String.split(result.out, "\n", trim: true) == [
             "ValueError: Bad.hibernate_after must be a number of seconds above 0, not 0",
             "TypeError: Bad.hibernate_after must be a number of seconds, not '1'",
             "ValueError: Bad.hibernate_after must be a number of seconds above 0, not nan"
           ]
  end
end

defmodule Rebeam.Actor.ExitTest do
  # Exit signals: the same fate for the same reason as in OTP.
  use ExUnit.Case, async: true

  alias Rebeam.{Otp, Program}

  @reasons [{"boom", "boom"}, {"normal", :normal}, {"shutdown", :shutdown}, {"kill", :kill}]

  @tag :slow
  test "an exit signal from another process" do
    program = """
    from rebeam import *
    from judge import *
    run_register_process(Judge)
    for kind in (Plain, Trapping):
        for reason in ("boom", "normal", "shutdown", "kill"):
            pid = begin(kind)
            assert exit(pid, reason)
            print(fate(pid))
    """

    assert Program.lines!(program) ==
             for(
               trap? <- [false, true],
               {_, reason} <- @reasons,
               do: Otp.python(Otp.signal(:other, trap?, reason))
             )
  end

  @tag :slow
  test "@stop and functions end in order, but with the same reason as without" do
    assert Program.lines!("actor/exit/stop_and_functions_end_in_order.py") == [
             "stop boom",
             "('boom', [])",
             "cut off",
             "boom",
             "alive",
             "cut off",
             "('alive', [])",
             "alive",
             "cut off",
             "alive",
             "cut off",
             "stop shutdown",
             "('shutdown', [])",
             "cut off",
             "shutdown",
             "alive",
             "cut off",
             "('killed', [])",
             "cut off",
             "killed",
             "cut off",
             "killed",
             "stop shutdown"
           ]
  end

  @tag :slow
  test "an exit signal to oneself: nothing behind it runs" do
    program = """
    from rebeam import *
    from judge import *
    run_register_process(Judge)
    for kind in (Plain, Trapping):
        for reason in ("boom", "normal", "shutdown", "kill"):
            pid = begin(kind)
            cast(pid, "do", ("exit_self", reason))
            print(fate(pid))
    pid = begin(Stopping)
    cast(pid, "do", ("exit_self", "normal"))
    print(fate(pid))
    """

    assert Program.lines!(program) ==
             for(
               trap? <- [false, true],
               {_, reason} <- @reasons,
               do: Otp.python(Otp.signal(:self, trap?, reason))
             ) ++ ["stop normal", "('normal', [])"]
  end

  test "a parent's shutdown is not trapped; @stop runs" do
    program = """
    from rebeam import *
    from judge import *
    run_register_process(Judge)
    pid = begin(StoppingTrap)
    exit(pid, "shutdown")
    print(fate(pid))
    """

    assert Program.lines!(program) == ["('alive', ['shutdown'])", "stop shutdown"]
  end

  test "trap_exit says what was set, and can be taken back" do
    program = """
    from rebeam import *
    from judge import *
    run_register_process(Judge)
    for kind in (Plain, Stopping):
        pid = begin(kind)
        print([call(pid, "do", ("trap_exit", flag))[1] for flag in (True, True, False, False)])
        exit(pid, "boom")
        print(fate(pid))
    """

    flags = "[False, True, True, False]"

    assert Program.lines!(program) == [flags, "('boom', [])", flags, "stop boom", "('boom', [])"]
  end

  test "signals that come while a handler waits are handled after it, one at a time, in order" do
    expected = for n <- 0..4, what <- ["begins", "over"], do: "reason #{n} #{what}"

    assert Program.lines!("actor/exit/signals_that_come_while_a_handler_waits.py") == [
             "0" | expected
           ]
  end

  @tag :slow
  test "signals during @start" do
    once = ["early", "early", "('alive', ['started', 'early'])"]
    assert Program.lines!("actor/exit/signals_during_start.py") == once ++ once
  end

  @tag :slow
  test "without @info, signals are dropped; in @stop they change nothing" do
    lives = "(<Status.OK: 'ok'>, 'lives')"

    assert Program.lines!("actor/exit/without_info.py") ==
             ["#{lives} #{lives}", "stop boom True", "boom False True"] ++
               ["(<Status.OK: 'ok'>, 'boom')", "stop shutdown True", "shutdown False True"]
  end

  @tag :slow
  test "the script's own process: signals do not end it, and killed, it ends the program" do
    program = """
    from rebeam import *
    from judge import *
    run_register_process(Judge)
    me = self_pid()
    for reason in ("boom", "normal", "shutdown"):
        print(exit(me, reason), exit(self_pid(), reason))
    pid = begin(Plain)
    print(call(pid, "do", ("link", me)), call(pid, "do", ("exit", me, "boom")), flush=True)
    spawn(exit, me, "kill")
    sleep(60)
    """

    assert %{status: 1, out: out, err: err} = Program.run(program)
    sent = "True True\n"
    assert out == sent <> sent <> sent <> "(<Status.OK: 'ok'>, None) (<Status.OK: 'ok'>, True)\n"
    # The body may still say that it was cut off.
    assert String.ends_with?(err, "rebeam: the script's process ended: killed\n")
  end
end

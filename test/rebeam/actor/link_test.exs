defmodule Rebeam.Actor.LinkTest do
  # Links: the same reasons, to the same processes, as in OTP.
  use ExUnit.Case, async: true

  alias Rebeam.{Otp, Program}

  @reasons [{"boom", "boom"}, {"normal", :normal}, {"shutdown", :shutdown}, {"kill", :kill}]

  @tag :slow
  test "the end of a linked process" do
    program = """
    from rebeam import *
    from judge import *
    run_register_process(Judge)
    for kind in (Plain, Trapping):
        for reason in ("boom", "normal", "shutdown", "kill"):
            pid = begin(kind)
            cast(pid, "do", ("linked_end", reason))
            print(fate(pid))
    """

    otp =
      for trap? <- [false, true], {_, reason} <- @reasons do
        if reason == :kill, do: Otp.linked_to_killed(trap?), else: Otp.linked(trap?, reason)
      end

    assert Program.lines!(program) == Enum.map(otp, &Otp.python/1)
  end

  @tag :slow
  test "a link to a process that is gone is the signal noproc" do
    program = """
    from rebeam import *
    from judge import *
    run_register_process(Judge)
    for kind in (Plain, Trapping, Stopping):
        pid = begin(kind)
        cast(pid, "do", ("link_to_dead",))
        print(fate(pid))
    """

    assert Program.lines!(program) ==
             [Otp.python(Otp.link_to_dead(false)), Otp.python(Otp.link_to_dead(true))] ++
               ["stop noproc", "('noproc', [])"]
  end

  @tag :slow
  test "a failure goes through a chain of links, with its traceback" do
    program = """
    from rebeam import *
    from judge import *
    from waiting import wait_until
    run_register_process(Judge)
    def fail():
        sleep(0.05)
        raise ValueError("deep")
    chain = [begin(Stopping if n % 2 else Plain) for n in range(4)]
    for left, right in zip(chain, chain[1:]):
        call(left, "do", ("link", right))
    bystander = begin(Plain)
    call(bystander, "do", ("link", chain[2]))
    call(bystander, "do", ("unlink", chain[2]))
    call(chain[0], "do", ("spawn_link", fail))
    wait_until(lambda: not any(map(is_alive, chain)))
    for pid in chain:
        end, _ = fate(pid)
        print(end.splitlines()[0], end.splitlines()[-1])
    print(is_alive(bystander))
    """

    result = Program.run(program)
    fate = "Traceback (most recent call last): ValueError: deep\n"
    assert result.status == 0
    assert result.out =~ String.duplicate(fate, 4) <> "True\n"
    # Once, by the process whose failure it was.
    assert [_, _] = String.split(result.err, "ValueError: deep")
    refute result.err =~ "terminating"
  end

  test "a signal cuts a call short: finally blocks run, the caller hears why" do
    assert Program.lines!("actor/link/signal_cuts_a_call_short.py") |> Enum.sort() ==
             Enum.sort(["finally", "down cut it", "finally", "stop cut it", "down cut it"])
  end

  test "bad targets and reasons; where no signals arrive" do
    nowhere = "works in actors and spawned functions: here is no process that takes signals"
    script = "rebeam.exit(target, reason) ends a process; sys.exit ends a script"

    assert [
             "TypeError an exit reason is a str, not 3",
             "TypeError an exit reason is a str, not None",
             "TypeError an exit reason is a str, not b'x'",
             "TypeError " <> ^script,
             "TypeError target must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via, not 3.5",
             "False",
             "(<Status.OK: 'ok'>, False)",
             "ValueError link: no process is registered as \"nobody\"",
             "None",
             "TypeError target must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via, not 3.5",
             "None",
             "UnicodeEncodeError " <> _,
             "RuntimeError link " <> ^nowhere,
             "RuntimeError unlink " <> ^nowhere,
             "RuntimeError trap_exit " <> ^nowhere
           ] = Program.lines!("actor/link/bad_targets_and_reasons.py")
  end

  @tag :slow
  test "storms: what is linked with one that dies, dies, and nothing stays" do
    assert Program.lines!("actor/link/storms.py") == ["storm", "storm", "storm", "baseline"]
  end
end

defmodule Rebeam.Message.CallManyTest do
  # Many calls in flight at once, one time limit, each with an answer of its own.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @tag :slow
  test "each answer in its place, whatever it is" do
    once = [
      "ok 42",
      "ok [1, 'x', 1, 'x']",
      "ok 4",
      "error [{'why': 1}]",
      "error Server handles no 'unknown' (it handles: die, double, error, exit, odd, served, sleep, source)",
      "down noproc",
      "down noproc",
      "down noproc",
      "error cannot rebuild a call_many_actors.Refused object: OSError: refused on arrival",
      "timeout None"
    ]

    assert Program.lines!("message/call_many/each_answer_in_its_place.py") ==
             once ++ once ++ ["True", "[] 8", "baseline"]
  end

  test "DOWN for those that die meanwhile, with their traceback; the others answer" do
    program = """
    from rebeam import *
    from baseline import counts
    from call_many_actors import *
    def ask():
        pids = [run_register_process(Server) for _ in range(6)]
        before = counts()
        answers = call_many([
            (pid, "die", 0.05) if n % 2 else (pid, "sleep", (0.1, n)) for n, pid in enumerate(pids)])
        for each in answers:
            print(last(each))
        print(answers[1][1].startswith("Traceback"))
    ask()
    """

    result = Program.run(program, options: ~w(--log-level none))
    pair = &"ok #{&1}\ndown ValueError: dead\n"
    assert %{status: 0, err: "", out: out} = result
    assert out == pair.(0) <> pair.(2) <> pair.(4) <> "True\n"
  end

  for {placement, absent} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", InterpreterProgram.lacks_units()}
      ] do
    @tag skip: absent
    @tag :slow
    test "past the processes all is as through them: #{placement}" do
      result =
        Program.run("message/call_many/past_the_processes.py",
          options: ["--log-level", "none" | placed(unquote(placement))]
        )

      assert {result.err, result.out} ==
               {"",
                """
                natively True
                wrong 0
                large True
                full ok 0 ok 1 error overloaded error overloaded error overloaded
                late timeout None ok x timeout None
                cut ['timeout None', 'timeout None', 'ok x'] ['CallInterrupted']
                dead down noproc down ValueError: dead ok 1 down ValueError: dead
                own requests[1]: an actor cannot call itself: it would wait for its own answer []
                wrong requests[1].message[1] []
                baseline
                """}
    end
  end

  defp placed("interpreter") do
    python = hd(InterpreterProgram.pythons()).executable
    ["--isolation", "interpreter", "--workers", "1", "--python", python]
  end

  defp placed(placement), do: ["--isolation", placement, "--workers", "1"]

  @tag :slow
  test "after a timeout come two good calls, and no late reply" do
    once = ["timeout None ok 2 ok 4 ok 6 ok 8 ok 10 ok 12 True", "[]"]

    assert Program.lines!("message/call_many/after_a_timeout_come_two_good_calls.py") ==
             once ++ once ++ ["baseline"]
  end

  @tag :slow
  test "an actor that waits holds no thread" do
    assert Program.lines!("message/call_many/actor_that_waits_holds_no_thread.py") == [
             "True",
             "True baseline"
           ]
  end

  @tag :slow
  test "ten thousand at once" do
    assert Program.lines!("message/call_many/ten_thousand_at_once.py") == [
             "True",
             "True 10000",
             "True",
             "True baseline"
           ]
  end

  @tag :slow
  test "threads may ask too" do
    assert Program.lines!("message/call_many/threads_may_ask_too.py") == [
             "{(True, True)} baseline"
           ]
  end

  test "who ends in the middle of it leaves nothing behind" do
    assert Program.lines!("message/call_many/who_ends_in_the_middle_of_it_leaves_nothing.py") == [
             "ActorExit",
             "stop shutdown"
           ]
  end

  test "what cannot be sent, and what is no request, raises before anything is sent" do
    where =
      "must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via"

    assert Program.lines!("message/call_many/what_cannot_be_sent.py") == [
             "TypeError: requests[1].message[\"rows\"][1]: cannot pickle '_thread.lock' object",
             "TypeError: requests[1] must be (target, subject, message), not ('one',)",
             "TypeError: requests[1] must be (target, subject, message), not 'one'",
             "TypeError: requests[1].target #{where}, not 1",
             "TypeError: requests[1].target must be a str, not 5",
             "TypeError: requests[1].subject must be a str, not b'double'",
             "ValueError: timeout must be a non-negative number of seconds, not -1",
             "ValueError: timeout must be a non-negative number of seconds, not nan",
             "TypeError: timeout must be a number of seconds, not 'soon'",
             "TypeError: 'int' object is not iterable",
             "[]"
           ]
  end
end

defmodule Rebeam.Actor.AttackTest do
  # Programs that once hung, crashed the node or gave a wrong answer.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "a function that gets a message says so, and ends as it would" do
    lines =
      Program.lines!("""
      from rebeam import *
      from waiting import wait_until

      def deaf():
          register("deaf")
          sleep(5)

      def ask():
          wait_until(lambda: whereis("deaf"))
          print(*call("deaf", "x"))

      Supervisor(modules=[child(deaf, restart="temporary"),
                          child(ask, restart="transient", significant=True)])
      """)

    assert lines == ["error deaf is a function: it takes no messages"]
  end

  test "__init__ may call" do
    lines =
      Program.lines!("""
      from rebeam import *
      from attack_echo import *
      class Asks(GenPy):
          def __init__(self):
              self.answer = call("echo", "echo", "early")[1]
          @receive("get")
          def get(self):
              return self.answer, whereis("echo") is not None

      run_register_process(Echo)
      print(*call(run_register_process(Asks), "get"))
      """)

    assert lines == ["ok ('early', True)"]
  end

  @tag :slow
  test "a signal handler that calls leaves the call that it interrupts its timeout" do
    lines =
      Program.lines!("""
      from rebeam import *
      from attack_echo import *
      import signal

      class Slow(GenPy):
          name = "slow"
          @receive("never")
          def never(self):
              sleep(1000)

      run_register_process(Echo)
      run_register_process(child(Slow, shutdown="brutal_kill"))
      signal.signal(signal.SIGALRM, lambda *_: print(*call("echo", "echo", 1)))
      signal.setitimer(signal.ITIMER_REAL, 0.2)
      print(*call("slow", "never", timeout=1.0))
      """)

    assert lines == ["ok 1", "timeout None"]
  end

  test "a tree that is started at run time may start others while it starts" do
    lines =
      Program.lines!("""
      from rebeam import *
      from attack_echo import *
      class Outer(GenPy):
          name = "outer"
          @start()
          def boot(self):
              self.inner = run_register_process(Echo)
          @receive("ask")
          def ask(self, message):
              return call(self.inner, "echo", message)[1]

      run_register_process(Supervisor(modules=[Outer]))
      print(*call("outer", "ask", "inside"))
      """)

    assert lines == ["ok inside"]
  end

  test "what Elixir's processes answer to a call is an error, and harms nobody" do
    lines = Program.lines!("actor/attack/what_elixirs_processes_answer_to_a_call.py")

    # No message by a name comes to a process of Erlang's own.
    assert lines == ["ok down", "ok 2", "ok error", "ok 2"]
  end

  test "all of a killed actor's finally blocks run" do
    result = Program.run("actor/attack/all_of_a_killed_actors_finally_blocks_run.py")

    assert result.status == 0
    assert String.split(result.out, "\n", trim: true) == ["first", "second"]
  end

  for level <- ~w(error critical none) do
    test "a tree that gives up is known, whatever ends badly after that (log level #{level})" do
      result =
        Program.run("actor/attack/tree_that_gives_up_is_known.py",
          options: ["--log-level", unquote(level)]
        )

      assert result.status == 1
      assert result.err =~ "the supervision tree gave up: child bad failed too often"
      assert result.err =~ "ZeroDivisionError: division by zero"
    end
  end

  @tag :slow
  test "code is killed where it computes, also while the message before is still dropped" do
    lines = Program.lines!("actor/attack/code_is_killed_where_it_computes.py")

    assert lines == ["['computing', 'killed'] 0"]
  end

  test "a kill does not cut short what tells the asyncio loop of an answer" do
    lines = Program.lines!("actor/attack/kill_does_not_cut_short_what_tells.py")

    assert lines == ["['told']"]
  end

  test "a request that looks like a message of ours, and is none, harms nobody" do
    lines =
      Program.lines!("""
      from rebeam import *
      from attack_echo import *
      def main():
          status, answer = gen_call("echo", (Atom("rebeam"), "echo", b"no text"))
          print(status, answer)
          gen_cast("echo", (Atom("rebeam"), "echo", b"", 1, None))
          print(*call("echo", "echo", 1))

      Supervisor(modules=[Echo, child(main, restart="transient", significant=True)])
      """)

    assert lines == ["ok (Atom('error'), Atom('not_a_rebeam_call'))", "ok 1"]
  end

  @tag :slow
  test "an async handler that computes for ever does not keep the loop when its actor is killed" do
    lines = Program.lines!("actor/attack/async_handler_that_computes_for_ever_does.py")

    assert lines == [
             "ok handler",
             "ok task",
             "ok patient",
             "['handler', 'killed', 'task', 'killed', 'cleaned up']"
           ]
  end

  @tag :slow
  test "an object that calls while it is rebuilt does not take the time limit of another call" do
    lines = Program.lines!("actor/attack/object_that_calls_while_it_is_rebuilt_does.py")

    assert lines == [
             "ok None",
             "ok (<Status.TIMEOUT: 'timeout'>, None)",
             "ok (<Status.OK: 'ok'>, 'state')"
           ]
  end
end

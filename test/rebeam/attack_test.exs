defmodule Rebeam.AttackTest do
  # Programs that once hung, crashed the node or gave a wrong answer.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @echo """
  from rebeam import *

  class Echo(GenPy):
      name = "echo"
      @receive("echo")
      def echo(self, message):
          return message

  """

  test "a function that gets a message says so, and ends as it would" do
    lines =
      Program.lines!("""
      from rebeam import *

      def deaf():
          register("deaf")
          sleep(0.5)

      def ask():
          while whereis("deaf") is None:
              sleep(0.01)
          print(*call("deaf", "x"))

      Supervisor(modules=[child(deaf, restart="temporary"),
                          child(ask, restart="transient", significant=True)])
      """)

    assert lines == ["error deaf is a function: it takes no messages"]
  end

  test "__init__ may call" do
    lines =
      Program.lines!(
        @echo <>
          """
          class Asks(GenPy):
              def __init__(self):
                  self.answer = call("echo", "echo", "early")[1]
              @receive("get")
              def get(self):
                  return self.answer, whereis("echo") is not None

          run_register_process(Echo)
          print(*call(run_register_process(Asks), "get"))
          """
      )

    assert lines == ["ok ('early', True)"]
  end

  test "a signal handler that calls leaves the call that it interrupts its timeout" do
    lines =
      Program.lines!(
        @echo <>
          """
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
          """
      )

    assert lines == ["ok 1", "timeout None"]
  end

  test "a tree that is started at run time may start others while it starts" do
    lines =
      Program.lines!(
        @echo <>
          """
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
          """
      )

    assert lines == ["ok inside"]
  end

  test "what Elixir's processes answer to a call is an error, and harms nobody" do
    lines =
      Program.lines!(
        @echo <>
          """
          import threading

          class Asks(GenPy):
              @receive("ask")
              def ask(self, message):
                  return call(message, "x", timeout=5)[0]

          def from_a_thread():
              thread = threading.Thread(target=lambda: print(*call("echo", "echo", 2)))
              thread.start()
              thread.join()

          run_register_process(Echo)
          asks = run_register_process(Asks)
          for name in ("standard_error_sup", "Elixir.Rebeam.Actor.Clients"):
              print(*call(asks, "ask", name))
              from_a_thread()
          """
      )

    assert lines == ["ok error", "ok 2", "ok error", "ok 2"]
  end

  test "all of a killed actor's finally blocks run" do
    result =
      Program.run(
        @echo <>
          """
          class Victim(GenPy):
              name = "victim"
              @receive("go")
              def go(self):
                  try:
                      cast("main", "ready")
                      sleep(100)
                  finally:
                      print("first", flush=True)
                      try:
                          call("echo", "echo", 1)
                      finally:
                          print("second", flush=True)

          class Bomb(GenPy):
              name = "bomb"
              @receive("boom")
              def boom(self):
                  raise ValueError("on purpose")

          def main():
              cast("victim", "go")
              sleep(0.3)
              cast("bomb", "boom")
              sleep(0.5)

          Supervisor(modules=[
              Echo,
              Supervisor(modules=[child(Victim(), shutdown="brutal_kill"), Bomb],
                         strategy=ONE_FOR_ALL),
              child(main, restart="temporary", significant=True),
          ])
          """
      )

    assert result.status == 0
    assert String.split(result.out, "\n", trim: true) == ["first", "second"]
  end

  for level <- ~w(error critical none) do
    test "a tree that gives up is known, whatever ends badly after that (log level #{level})" do
      result =
        Program.run(
          """
          from rebeam import *

          class Slow(GenPy):
              @stop()
              def bye(self):
                  sleep(5)

          class Bad(GenPy):
              name = "bad"
              @start()
              def boot(self):
                  cast("bad", "x")
              @receive("x")
              def x(self):
                  1 / 0

          Supervisor(modules=[child(Slow(), shutdown=0.1), Bad()])
          """,
          options: ["--log-level", unquote(level)]
        )

      assert result.status == 1
      assert result.err =~ "the supervision tree gave up: child bad failed too often"
      assert result.err =~ "ZeroDivisionError: division by zero"
    end
  end

  test "code is killed where it computes, also while the message before is still dropped" do
    lines =
      Program.lines!("""
      import time
      from rebeam import *
      from rebeam._runtime import rebeam_info

      seen = []

      class Clingy:
          def __del__(self):
              end = time.monotonic() + 0.3
              while time.monotonic() < end:
                  pass

      class Victim(GenPy):
          @receive("take")
          def take(self, message):
              pass
          @receive("compute")
          def compute(self):
              try:
                  number = 0
                  seen.append("computing")
                  while True:
                      number += 1
              finally:
                  seen.append("killed")

      def main():
          victim = run_register_process(child(Victim, restart="temporary"))
          clingy = Clingy()
          cast(victim, "take", clingy)
          cast(victim, "compute")
          sleep(1)
          exit(victim, "kill")
          end = time.monotonic() + 10
          while time.monotonic() < end and (rebeam_info()["detached"] or "killed" not in seen):
              sleep(0.01)
          print(seen, rebeam_info()["detached"])

      Supervisor(modules=[child(main, restart="transient", significant=True)])
      """)

    assert lines == ["['computing', 'killed'] 0"]
  end

  test "a kill does not cut short what tells the asyncio loop of an answer" do
    lines =
      Program.lines!(
        @echo <>
          """
          import asyncio, time

          told = []

          class Victim(GenPy):
              @receive("ask")
              async def ask(self):
                  loop = asyncio.get_running_loop()
                  tell = loop.call_soon_threadsafe
                  def slow(*args, **kwargs):
                      loop.call_soon_threadsafe = tell
                      cast("main", "telling")
                      end = time.monotonic() + 0.3
                      while time.monotonic() < end:
                          pass
                      told.append("told")
                      return tell(*args, **kwargs)
                  loop.call_soon_threadsafe = slow
                  await call_async("echo", "echo", 1)

          def main():
              victim = run_register_process(child(Victim, restart="temporary"))
              cast(victim, "ask")
              sleep(0.15)
              exit(victim, "kill")
              sleep(1)
              print(told)

          Supervisor(modules=[Echo, child(main, restart="transient", significant=True)])
          """
      )

    assert lines == ["['told']"]
  end

  test "a request that looks like a message of ours, and is none, harms nobody" do
    lines =
      Program.lines!(
        @echo <>
          """
          def main():
              status, answer = gen_call("echo", (Atom("rebeam"), "echo", b"no text"))
              print(status, answer)
              gen_cast("echo", (Atom("rebeam"), "echo", b"", 1, None))
              print(*call("echo", "echo", 1))

          Supervisor(modules=[Echo, child(main, restart="transient", significant=True)])
          """
      )

    assert lines == ["ok (Atom('error'), Atom('not_a_rebeam_call'))", "ok 1"]
  end

  test "an async handler that computes for ever does not keep the loop when its actor is killed" do
    lines =
      Program.lines!("""
      import asyncio
      from rebeam import *
      from rebeam._runtime import rebeam_info

      seen = []

      async def compute(name):
          try:
              number = 0
              seen.append(name)
              while True:
                  number += 1
          finally:
              seen.append("killed")

      class Mixed(GenPy):
          @receive("handler")
          async def handler(self):
              await compute("handler")
          @receive("task")
          async def task(self):
              await asyncio.gather(asyncio.sleep(100), compute("task"))
          @receive("patient")
          async def patient(self):
              try:
                  await asyncio.sleep(100)
              finally:
                  await asyncio.sleep(1)
                  seen.append("cleaned up")
          @receive("ask")
          async def ask(self, message):
              await asyncio.sleep(0)
              return message

      def main():
          other = run_register_process(Mixed)
          for subject in ("handler", "task", "patient"):
              victim = run_register_process(child(Mixed, restart="temporary"))
              cast(victim, subject)
              sleep(0.2)
              exit(victim, "kill")
              print(*call(other, "ask", subject, timeout=20))
          while rebeam_info()["abandoned"]:
              sleep(0.01)
          print(seen)

      Supervisor(modules=[child(main, restart="transient", significant=True)])
      """)

    assert lines == [
             "ok handler",
             "ok task",
             "ok patient",
             "['handler', 'killed', 'task', 'killed', 'cleaned up']"
           ]
  end

  test "an object that calls while it is rebuilt does not take the time limit of another call" do
    lines =
      Program.lines!(
        @echo <>
          """
          import asyncio

          class Curious:
              def __setstate__(self, state):
                  self.answer = call("echo", "echo", state)
              def __getstate__(self):
                  return "state"

          class Oracle(GenPy):
              name = "oracle"
              @receive("ask")
              def ask(self):
                  return Curious()
              @receive("never")
              def never(self):
                  return no_reply()

          class Asks(GenPy):
              @receive("begin")
              async def begin(self):
                  async def later():
                      await asyncio.sleep(0.2)
                      self.status, self.object = await call_async("oracle", "ask")
                  self.task = asyncio.create_task(later())
              @receive("wait")
              def wait(self):
                  return call("oracle", "never", timeout=0.6)
              @receive("get")
              def get(self):
                  return self.object.answer

          def main():
              asks = run_register_process(Asks)
              for subject in ("begin", "wait", "get"):
                  print(*call(asks, subject, timeout=10))

          Supervisor(modules=[Echo, Oracle, child(main, restart="transient", significant=True)])
          """
      )

    assert lines == [
             "ok None",
             "ok (<Status.TIMEOUT: 'timeout'>, None)",
             "ok (<Status.OK: 'ok'>, 'state')"
           ]
  end
end

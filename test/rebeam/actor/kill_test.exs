defmodule Rebeam.Actor.KillTest do
  # Code of a killed actor ends where it computes; what is stuck in C is counted, and unheard.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @head """
  import ctypes, os, time
  from rebeam import *
  from rebeam._runtime import rebeam_info
  from baseline import counts, settled

  def until(condition, seconds=60):
      end = time.monotonic() + seconds
      while not condition():
          if time.monotonic() > end:
              return False
          sleep(0.01)
      return True

  def free():
      return until(lambda: rebeam_info()["detached"] == rebeam_info()["abandoned"] == 0)

  class Sink(GenPy):
      name = "sink"
      def __init__(self):
          self.got = []
      @receive("note")
      def note(self, message):
          self.got.append(message)
      @receive("got")
      def all(self):
          return sorted(self.got)

  class Busy(GenPy):
      def __init__(self, work):
          self.work = work
      @receive("go")
      def go(self):
          cast("sink", "note", "begun")
          self.work()

  def begin(work, count=3):
      pids = [run_register_process(child(Busy(work), restart="temporary")) for _ in range(count)]
      for pid in pids:
          cast(pid, "go")
      assert until(lambda: call("sink", "got")[1].count("begun") == count)
      return pids

  def kill(pids):
      for pid in pids:
          exit(pid, "kill")
          assert until(lambda: not is_alive(pid))

  def last(function):
      Supervisor(modules=[child(function, restart="transient", significant=True)])
  """

  defp lines(program), do: Program.lines!(@head <> "\n" <> program)

  test "loops, loops that swallow everything, deep recursion, generators: the threads are free" do
    program = """
    def loop():
        n = 0
        while True:
            n += 1

    def swallow():
        while True:
            try:
                loop()
            except:
                pass

    def recurse(depth=0):
        return recurse(depth + 1) if depth < 900 else loop()

    def generate():
        return sum(n * 0 for n in iter(int, 1))

    def sort():
        sorted(range(1000), key=lambda n: loop())

    def main():
        run_register_process(Sink)
        before = counts()
        for work in (loop, swallow, recurse, generate, sort):
            pids = begin(work)
            kill(pids)
            print(work.__name__, free())
            reset()
        print(settled(before))

    def reset():
        exit(whereis("sink"), "kill")
        assert until(lambda: call("sink", "got")[1] == [])
    last(main)
    """

    works = for name <- ~w(loop swallow recurse generate sort), do: "#{name} True"
    assert lines(program) == works ++ ["baseline"]
  end

  test "finally and with run, and have time; what they send goes nowhere" do
    program = """
    class Resource:
        def __enter__(self): return self
        def __exit__(self, *error):
            os.write(1, f"closed after {error[0].__name__}\\n".encode())

    def work():
        n = 0
        with Resource():
            try:
                while True:
                    n += 1
            finally:
                for _ in range(200_000):  # longer than one switch of threads
                    n += 1
                try:
                    cast("sink", "note", "from the dead")
                    call("sink", "note", "from the dead")
                except ActorExit:
                    os.write(1, b"fenced\\n")

    def main():
        run_register_process(Sink)
        kill(begin(work, 1))
        print(free(), flush=True)
        print(call("sink", "got")[1])
    last(main)
    """

    assert Enum.sort(lines(program)) ==
             Enum.sort(["fenced", "closed after ActorExit", "True", "['begun']"])
  end

  test "what is stuck in C is abandoned and counted; others and its successor go on" do
    program = """
    libc = ctypes.CDLL(None)

    class Stuck(GenPy):
        name = "stuck"
        @receive("block")
        def block(self, message):
            cast("sink", "note", "begun")
            libc.poll(None, 0, message)
            cast("sink", "note", "from the dead")
        @receive("fresh")
        def fresh(self):
            return "fresh"

    def main():
        run_register_process(Sink)
        tree = run_register_process(Supervisor(modules=[Stuck]))
        before = counts()
        cast("stuck", "block", 3000)
        until(lambda: call("sink", "got")[1] == ["begun"])
        exit(whereis("stuck"), "kill")
        until(lambda: call("stuck", "fresh") == ("ok", "fresh"))
        print(rebeam_info()["abandoned"], call("stuck", "fresh")[1])
        print(free(), call("sink", "got")[1], settled(before))
    last(main)
    """

    assert lines(program) == ["1 fresh", "True ['begun'] baseline"]
  end

  test "the next work on the thread is not hit" do
    program = """
    def short():
        end = time.monotonic() + 0.02
        n = 0
        while time.monotonic() < end:
            n += 1

    class Counter(GenPy):
        name = "counter"
        def __init__(self):
            self.n = 0
        @receive("add")
        def add(self):
            for _ in range(300):
                self.n += 1
            return self.n

    def main():
        run_register_process(Sink)
        run_register_process(Counter)
        good = 0
        for round in range(150):
            pid = run_register_process(child(Busy(short), restart="temporary"))
            cast(pid, "go")
            sleep(0.019 + round % 5 / 1000)     # it ends by itself at about the same time
            exit(pid, "kill")
            for _ in range(5):
                good += call("counter", "add")[0] == "ok"
        print(good, call("counter", "add")[1])
    last(main)
    """

    assert lines(program) == ["750 #{751 * 300}"]
  end
end

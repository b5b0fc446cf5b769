defmodule Rebeam.Run.ExecutorTest do
  # What one actor does with its thread keeps no other from running.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @others """
  import ctypes, sys, time
  from rebeam import GenPy, call, cast, child, receive, run_register_process
  from rebeam._runtime import rebeam_info

  class Spin(GenPy):
      @receive("go")
      def go(self):
          while True:
              pass

  class Block(GenPy):
      @receive("go")
      def go(self):
          ctypes.CDLL(None).sleep(3600)

  class Echo(GenPy):
      @receive("echo")
      def echo(self, message):
          return message

  def main(spinners, blockers):
      items = [Spin] * spinners + [Block] * blockers
      for item in items:
          cast(run_register_process(child(item, shutdown="brutal_kill")), "go")
      echo = run_register_process(Echo)
      for number in range(20):
          print(*call(echo, "echo", number, timeout=60))
      while (busy := rebeam_info()["detached"]) < spinners + blockers:
          time.sleep(0.01)
      print("busy", busy)
  """

  for {spinners, blockers} <- [{3, 0}, {0, 12}, {2, 4}] do
    test "#{spinners} that compute and #{blockers} that block leave an echo its turn" do
      lines = Program.lines!(@others <> "\nmain(#{unquote(spinners)}, #{unquote(blockers)})\n")
      echoes = Enum.map(0..19, &"ok #{&1}")
      assert lines == echoes ++ ["busy #{unquote(spinners + blockers)}"]
    end
  end

  test "workers that were needed for a while end again" do
    lines =
      Program.lines!("""
      import os, tempfile, time
      from rebeam import GenPy, call, cast, receive, run_register_process
      from rebeam._runtime import rebeam_info

      class Slow(GenPy):
          @receive("go")
          def go(self, message):
              return sorted([message], key=lambda _: call("gate", "wait", timeout=None)[1])[0]

      class Gate(GenPy):
          name = "gate"
          @receive("wait")
          def wait(self):
              return call("keeper", "wait", timeout=None)[1]

      class Keeper(GenPy):
          name = "keeper"
          @receive("wait")
          def wait(self):
              while not os.path.exists(gate):
                  time.sleep(0.01)

      class Collect(GenPy):
          def __init__(self):
              self.name = "collect"
              self.got = []
          @receive("go")
          def go(self, message, status):
              self.got.append((str(status), message))
          @receive("all")
          def all(self):
              return sorted(self.got)

      gate = tempfile.mktemp()

      def count(what):
          return rebeam_info()[what]

      for item in (Gate, Keeper, Collect):
          run_register_process(item)
      slow = [run_register_process(Slow) for _ in range(40)]
      for number, pid in enumerate(slow):
          cast(pid, "go", number, sender_pid="collect")
      while count("blocked") < 41:
          time.sleep(0.01)
      print("threads held", count("threads") >= 40)
      open(gate, "w").close()
      while len(got := call("collect", "all")[1]) < 40:
          time.sleep(0.01)
      print(got == [("ok", number) for number in range(40)])
      while count("threads") > 10:
          time.sleep(0.01)
      os.unlink(gate)
      print("blocked", count("blocked"), "detached", count("detached"))
      """)

    # The one that blocks at the end is the question itself, on the script's own thread.
    assert lines == ["threads held True", "True", "blocked 1 detached 0"]
  end
end

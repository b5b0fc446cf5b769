defmodule Rebeam.InterruptProgram do
  @moduledoc false
  # Programs that call with interrupt=True.

  alias Rebeam.Program

  @head """
  import asyncio, ctypes, os, time
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

  def interrupted(subject, message=None):
      "Whether the actor was replaced, and by one that answers."
      before = whereis("target")
      answer = call("target", subject, message, 0.3, interrupt=True)
      assert answer == (Status.TIMEOUT, None), answer
      until(lambda: whereis("target") not in (before, None))
      return call("target", "echo", subject)[1]

  class Base(GenPy):
      name = "target"
      @receive("echo")
      def echo(self, message):
          return message
      @stop()
      def end(self, reason):
          os.write(1, (reason.strip().splitlines()[-1] + "\\n").encode())

  def last(function):
      Supervisor(modules=[child(function, restart="transient", significant=True)])
  """

  @doc "What every program begins with."
  def head, do: @head

  @doc "The last line of the reason of an actor that was interrupted."
  def crashed, do: "rebeam._errors.CallInterrupted: its caller waits no more for the answer"

  def run(program), do: Program.run(@head <> "\n" <> program)

  @doc "What it printed; what the last @stop says comes where it may."
  def lines!(program) do
    %{status: 0, out: out} = run(program)
    String.split(out, "\n", trim: true) -- ["shutdown"]
  end
end

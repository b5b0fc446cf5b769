defmodule Rebeam.InterruptProgram do
  @moduledoc false
  # Programs that call with interrupt=True (test/programs/actor/interrupt_actors.py).

  alias Rebeam.Program

  @doc "The last line of the reason of an actor that was interrupted."
  def crashed, do: "rebeam._errors.CallInterrupted: its caller waits no more for the answer"

  @doc "What it printed; what the last @stop says comes where it may."
  def lines!(program), do: Program.out!(program) -- ["shutdown"]
end

defmodule Rebeam.Units.Patience do
  @moduledoc false
  # How long a unit that is an OS process may take for what, in milliseconds: known to it and to who
  # waits for it.

  alias Rebeam.Python.Ending

  # The body of main.py is run for its definitions.
  @start 60_000
  @processes 4_000

  @doc "Until it is up."
  @spec start :: pos_integer
  def start, do: @start

  @doc "What is said of one that is not up by then."
  @spec too_long :: String.t()
  def too_long do
    "was not up after #{div(@start, 1000)} s: does the body of the script, which a unit " <>
      ~s(runs for its definitions, wait for something? Put that under if __name__ == "__main__")
  end

  @doc "For what Python started outside its trees, at the end."
  @spec processes :: pos_integer
  def processes, do: @processes

  @doc "For its end."
  @spec finish :: pos_integer
  def finish, do: @processes + Ending.python_timeout() + 1_000
end

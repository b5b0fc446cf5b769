defmodule Rebeam.Actor.CrashWatch do
  @moduledoc false
  # Tells one process of this node of the exceptions that end Python code, while there is one that
  # wants to know.

  @doc "The calling process gets `{#{inspect(__MODULE__)}, traceback}` from now on, unless another one does."
  @spec watch :: :ok
  def watch do
    Process.register(self(), __MODULE__)
    :ok
  rescue
    ArgumentError -> :ok
  end

  @spec note(String.t()) :: :ok
  def note(traceback) do
    with pid when pid != nil <- Process.whereis(__MODULE__),
         do: send(pid, {__MODULE__, traceback})

    :ok
  end
end

defmodule Rebeam.Web.Message do
  @moduledoc false
  # A message that somebody writes on the page. What it says, and what comes back, is Python's to read
  # and to show: an actor does that (python/rebeam/_program/messenger.py), one for each message, which
  # ends with the connection that asks.

  alias Rebeam.{Actor, Nodes, PythonError}
  alias Rebeam.Python.Runtime
  alias Rebeam.Value.Codec

  # Beside the answer's own time, in milliseconds.
  @patience 5_000

  @typedoc "What came: the status of a call, or whether a cast went, and the response as Python shows it."
  @type answer :: %{status: String.t(), shown: String.t()}

  @doc """
  Sends `text`, a Python literal, to a process; `""` is None. Waits for the answer of a call as long
  as `seconds` say. The error says what is wrong with the message, or that no Python runs here.
  """
  @spec send(:call | :cast, pid | String.t(), String.t(), String.t(), pos_integer) ::
          {:ok, answer} | {:error, String.t()}
  def send(kind, target, subject, text, seconds),
    do: Nodes.on_main(__MODULE__, :send_here, [kind, target, subject, text, seconds], :infinity)

  @doc false
  def send_here(kind, target, subject, text, seconds) do
    Process.flag(:trap_exit, true)
    request = {Atom.to_string(kind), target, subject, text, seconds}

    with true <- Runtime.started?(),
         recipe = {Runtime.maker(), Codec.pack!({"messenger"})},
         {:ok, actor} <- Actor.start_link(recipe, kind: :actor, label: "dashboard") do
      answer = Rebeam.call(actor, "send", request, 1_000 * seconds + @patience)
      Process.exit(actor, :shutdown)
      answer(answer)
    else
      false -> {:error, "no Python runs here"}
      {:error, reason} -> {:error, PythonError.reason_text(reason)}
    end
  end

  defp answer({:ok, {status, shown}}), do: {:ok, %{status: status, shown: shown}}
  defp answer({:error, text}), do: {:error, text}
  defp answer({:timeout, _}), do: {:error, "Python does not answer: its interpreter is held"}
  defp answer({:down, reason}), do: {:error, PythonError.reason_text(reason)}
end

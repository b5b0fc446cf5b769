defmodule Rebeam.CLI.Trace do
  @moduledoc false
  # `rebeam trace [NODE | PID] NAME [--messages N] [--json]`: what an actor does, from now on, a line
  # each, until so many messages or Ctrl-C.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Looking, Reach}
  alias Rebeam.Observe.Show

  @impl true
  def run(arguments) do
    with {:ok, target, [name], options} <- Looking.take(arguments, %{messages: 100, json: false}),
         {:asked, {:ok, reached, reference}} <- {:asked, start(target, name, options)} do
      print(reached, reference, Looking.format(options))
    else
      {:ok, _, _, _} -> Complaint.say("trace needs the name of one actor, or its id") && 2
      {:error, text} -> Complaint.say(text) && 2
      {:asked, {:error, text}} -> Complaint.say(text) && 1
    end
  end

  defp start(target, name, options) do
    with {:ok, reached} <- Reach.open(target),
         {:ok, started} <- Reach.call(reached, Show, :trace, [name, options.messages, self()]),
         {:ok, reference} <- started do
      Node.monitor(reached.node, true)
      {:ok, reached, reference}
    end
  end

  defp print(reached, reference, format) do
    receive do
      {:rebeam_trace, ^reference, :over} ->
        0

      {:rebeam_trace, ^reference, event} ->
        with {:ok, line} <- Reach.call(reached, Show, :event, [format, event]), do: IO.puts(line)
        print(reached, reference, format)

      {:nodedown, _node} ->
        Complaint.say("the program ended") && 1
    end
  end
end

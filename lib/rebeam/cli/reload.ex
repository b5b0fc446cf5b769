defmodule Rebeam.CLI.Reload do
  @moduledoc false
  # `rebeam reload [NODE | PID] [MODULE]`: a module of a program that runs is loaded again, given by
  # its name or its file; without one, all whose files have changed.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.{CLI, Code}
  alias Rebeam.CLI.{Complaint, Reach}

  # The body of a module may take its time.
  @timeout 120_000

  @impl true
  def run(arguments) do
    with {:ok, target, names} when length(names) < 2 <- Reach.take(arguments),
         {:ok, reached} <- Reach.open(target),
         {:ok, {:ok, results}} <-
           Reach.call(reached, CLI.Reload, :reload, [module(names)], @timeout) do
      results |> Enum.map(&say/1) |> Enum.max(fn -> 0 end)
    else
      {:ok, _, [_ | _]} ->
        Complaint.say("reload takes a NODE or the id of a process, and a MODULE") && 2

      {:ok, {:error, text}} ->
        Complaint.say(text) && 1

      {:error, text} ->
        Complaint.say(text) && 1
    end
  end

  defp module([]), do: nil
  defp module([name]), do: if(String.ends_with?(name, ".py"), do: Path.expand(name), else: name)

  defp say({name, changed, [], actors}) do
    what = if changed == [], do: "nothing differs", else: Enum.join(changed, ", ")
    IO.puts("#{name}: #{what} (#{count(actors)})")
    0
  end

  defp say({name, _, refused, _}) do
    for text <- refused, do: Complaint.say("#{name} is as it was: #{text}")
    1
  end

  defp count(1), do: "1 actor"
  defp count(n), do: "#{n} actors"

  @doc "In the program."
  @spec reload(String.t() | nil) ::
          {:ok, [{String.t(), list, list, integer}]} | {:error, String.t()}
  def reload(nil) do
    with {:ok, names} <- Code.changed(), do: {:ok, Enum.map(names, &one!/1)}
  end

  def reload(name), do: with({:ok, result} <- one(name), do: {:ok, [result]})

  defp one(name) do
    with {:ok, {changed, refused, actors}} <- Code.reload_named(name, nil),
         do: {:ok, {name, changed, refused, actors}}
  end

  # It was there a moment ago.
  defp one!(name) do
    case one(name) do
      {:ok, result} -> result
      {:error, text} -> {name, [], [text], 0}
    end
  end
end

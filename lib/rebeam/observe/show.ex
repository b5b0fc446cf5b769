defmodule Rebeam.Observe.Show do
  @moduledoc false
  # What the words of the command line print, made in the program that is looked into: text for people,
  # or JSON.

  import Rebeam.Observe.Amount, only: [pid: 1]

  alias Rebeam.Observe
  alias Rebeam.Observe.{Actors, Json, Text}

  @type format :: :text | :json
  @type shown :: {:ok, String.t()} | {:error, String.t()}

  @spec tree(format, pos_integer) :: shown
  def tree(format, limit), do: show(format, Observe.tree(limit), &Text.tree/1)

  @spec waits(format, pos_integer) :: shown
  def waits(format, limit), do: show(format, Observe.waits(limit), &Text.waits/1)

  @spec crashes(format, pos_integer) :: shown
  def crashes(format, limit), do: show(format, Observe.crashes(limit), &Text.crashes/1)

  @spec info(format) :: shown
  def info(format), do: show(format, Observe.info(), &Text.info/1)

  @doc "Of one actor, or of several, which are told by their names or ids."
  @spec stack(format, [String.t()]) :: shown
  def stack(format, names) do
    Enum.reduce_while(names, {:ok, []}, fn name, {:ok, found} ->
      case Observe.stack(target(name)) do
        {:ok, stack} -> {:cont, {:ok, [stack | found]}}
        error -> {:halt, error}
      end
    end)
    |> shown(format)
  end

  defp shown({:ok, found}, format) do
    show(format, Enum.reverse(found), fn stacks ->
      Enum.map_join(stacks, "\n\n", &Text.stack/1)
    end)
  end

  defp shown(error, _format), do: error

  defp show(:text, found, text), do: {:ok, text.(found)}
  defp show(:json, found, _text), do: {:ok, found |> Json.encode() |> IO.iodata_to_binary()}

  @doc """
  Traces an actor for `receiver`, who gets `{:rebeam_trace, reference, event}`, see
  `Rebeam.Observe.Trace.start/3`.
  """
  @spec trace(String.t(), pos_integer, pid) :: {:ok, reference} | {:error, String.t()}
  def trace(name, messages, receiver) do
    with {:ok, pid} <- Observe.find(target(name)),
         reference when reference != nil <- Observe.Trace.start(pid, messages, receiver) do
      {:ok, reference}
    else
      nil -> {:error, "#{name} is no actor of this program"}
      error -> error
    end
  end

  @doc "One event of it."
  @spec event(format, map) :: String.t()
  def event(:text, event), do: Text.event(event)
  def event(:json, event), do: event |> Json.encode() |> IO.iodata_to_binary()

  @doc """
  What `rebeam top` shows: the program in numbers, and rows of actors or classes, or a text, for
  `{:follow, pid}` that of its stack.
  """
  @spec top(atom | {:follow, pid}, atom, pos_integer, String.t()) :: map
  def top(what, order, limit, search) do
    Map.merge(%{info: Observe.info(), rows: [], text: nil}, seen(what, order, limit, search))
  end

  # Ids are other ones on another node: what names them is made here.
  defp seen(:actors, order, limit, search) do
    rows = Actors.list(order, limit, search)
    %{rows: for(row <- rows, do: Map.merge(row, %{shown: pid(row.pid), doing: Text.doing(row)}))}
  end

  defp seen(:classes, _order, _limit, _search), do: %{rows: Observe.classes()}
  defp seen(:tree, _order, limit, _search), do: %{text: Text.tree(Observe.tree(limit))}
  defp seen(:waits, _order, limit, _search), do: %{text: Text.waits(Observe.waits(limit))}
  defp seen(:crashes, _order, limit, _search), do: %{text: Text.crashes(Observe.crashes(limit))}

  defp seen({:follow, pid}, _order, _limit, _search) do
    case Observe.stack(pid) do
      {:ok, stack} -> %{text: Text.followed(stack)}
      {:error, _gone} -> %{text: "it has ended"}
    end
  end

  @doc "Whom a word means: an id as this program shows it, with or without its brackets, or a name."
  @spec target(String.t()) :: pid | String.t()
  def target(text) do
    case Regex.run(~r/^<?([0-9]+\.[0-9]+\.[0-9]+)>?$/, text) do
      [_, numbers] -> :erlang.list_to_pid(~c"<#{numbers}>")
      nil -> text
    end
  rescue
    # No process can have these numbers.
    ArgumentError -> text
  end
end

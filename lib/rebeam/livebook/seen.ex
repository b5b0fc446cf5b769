if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.Seen do
    @moduledoc false
    # A script's trees and crashes as plain data for the view, and calls that are made there.

    alias Rebeam.Observe
    alias Rebeam.Value.Repr

    # Of each supervisor so many children are shown.
    @most 50
    # So long a message may take to be made, in milliseconds.
    @patience 5_000

    @doc """
    Of a script's process, nil for none, and since that moment, in microseconds; what cannot be seen is as before.
    """
    @spec look(pid | nil, integer, map) :: map
    def look(script, since, before) do
      supervisors = supervisors(script)
      trees = for entry <- Observe.tree(@most), entry.pid in supervisors, do: entry(entry)
      %{trees: trees, crashes: crashes(since), names: names(trees)}
    catch
      :exit, _ -> before
    end

    # It ends at any time.
    defp supervisors(nil), do: []

    defp supervisors(script) do
      for {_, pid, _, _} <- GenServer.call(script, :which_children, 1_000), do: pid
    catch
      :exit, _ -> []
    end

    defp entry(%{children: children} = entry) do
      %{
        id: entry.id,
        what: entry.strategy && to_string(entry.strategy),
        state: entry.state,
        restarts: entry.restarts,
        more: max(entry.count - length(children), 0),
        children: Enum.map(children, &entry/1)
      }
    end

    defp entry(%{actor: nil} = entry),
      do: %{id: entry.id, what: nil, state: entry.state, restarts: entry.restarts}

    defp entry(%{actor: row} = entry) do
      %{
        id: entry.id,
        what: row.class,
        name: row.name,
        state: if(entry.state == :running, do: row.state, else: entry.state),
        at: at(row),
        queue: row.queue,
        rate: Float.round(row.rate * 1.0, 1),
        messages: row.messages,
        restarts: entry.restarts,
        unit: if(row.unit != "shared", do: row.unit)
      }
    end

    defp at(%{subject: subject}) when is_binary(subject), do: subject
    defp at(_row), do: nil

    defp names(trees), do: trees |> Enum.flat_map(&named/1) |> Enum.uniq()
    defp named(%{children: children}), do: Enum.flat_map(children, &named/1)
    defp named(entry), do: List.wrap(entry[:name])

    defp crashes(since) do
      for crash <- Observe.crashes(20), crash.last >= since do
        Map.take(crash, [:who, :reason, :traceback, :subject, :count])
      end
    end

    @doc "Calls an actor with a message that is written in Python; the answer as Python shows it."
    @spec call(String.t(), String.t(), String.t()) :: map
    def call(actor, subject, text) do
      with {:ok, message} <- message(text), do: reply(Rebeam.call(actor, subject, message))
    end

    # Without a limit, code that never ends would go on behind a page that nobody looks at.
    defp message(text) do
      code = if String.trim(text) == "", do: "None", else: text

      case Rebeam.eval(code, [], timeout: @patience) do
        {:ok, message} -> {:ok, message}
        {:error, %Rebeam.PythonError{} = error} -> answer("no message", error.traceback)
        {:error, :timeout} -> answer("no message", "it was not made within 5 seconds")
        {:error, reason} -> answer("no message", inspect(reason))
      end
    end

    defp reply({:ok, value}), do: answer("ok", Repr.repr(value))
    defp reply({:error, value}), do: answer("error", Repr.repr(value))
    defp reply({:timeout, nil}), do: answer("timeout", "no answer within 5 seconds")
    defp reply({:down, reason}), do: answer("down", reason)

    defp answer(status, text), do: %{status: status, text: text}
  end
end

if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.Render do
    @moduledoc false
    # What a notebook shows of a Python object: what Python says of it (python/rebeam/_display.py).

    alias Rebeam.{Buffer, Bytes}

    @code "from rebeam import _display\n_display.display(value)"
    # An object that takes longer, in milliseconds, is shown as Elixir shows it.
    @patience 10_000

    @doc "What Kino shows in its place."
    @spec kino(struct) :: term
    # Of memory alone Python tells its address and nothing else.
    def kino(%Buffer{type: "memoryview"} = value), do: Kino.Inspect.new(value)

    def kino(value) do
      case Rebeam.eval(@code, [value: value], timeout: @patience) do
        {:ok, shown} -> shown(shown)
        {:error, _} -> Kino.Inspect.new(value)
      end
    end

    defp shown({"table", columns, rows, count}) do
      name =
        if count > length(rows), do: "the first #{length(rows)} of #{count} rows", else: "Data"

      Kino.DataTable.new(for(row <- rows, do: Enum.zip(columns, row)), name: name, keys: columns)
    end

    defp shown({"html", text}), do: Kino.HTML.new(text)
    defp shown({"markdown", text}), do: Kino.Markdown.new(text)
    defp shown({"latex", text}), do: Kino.Markdown.new("$$\n#{String.trim(text, "$")}\n$$")
    defp shown({"svg", text}), do: Kino.Image.new(text, "image/svg+xml")
    defp shown({kind, %Bytes{data: data}}), do: Kino.Image.new(data, "image/#{kind}")
    # What is in columns stays in columns.
    defp shown({_text, text}), do: Kino.Text.new(text, terminal: true)
  end

  defimpl Kino.Render, for: [Rebeam.Object, Rebeam.Buffer] do
    def to_livebook(value),
      do: value |> Rebeam.Livebook.Render.kino() |> Kino.Render.to_livebook()
  end
end

defmodule Rebeam.Observe.Table do
  @moduledoc false
  # Rows as text in columns, each as wide as what is in it.

  @type column :: {title :: String.t(), :left | :right, (map -> String.t())}

  # A text that is longer than that is cut.
  @widest 60

  @spec draw([map], [column]) :: String.t()
  def draw(rows, columns) do
    titles = for {title, _, _} <- columns, do: title
    # The last column may be as long as it is.
    cells = for row <- rows, do: columns |> Enum.map(fn {_, _, show} -> show.(row) end) |> cut()

    widths =
      Enum.zip_with([titles | cells], fn column ->
        column |> Enum.map(&String.length/1) |> Enum.max()
      end)

    sides = for {_, side, _} <- columns, do: side
    Enum.map_join([titles | cells], "\n", &line(&1, widths, sides))
  end

  defp line(cells, widths, sides) do
    [cells, widths, sides]
    |> Enum.zip_with(fn
      [cell, width, :left] -> String.pad_trailing(cell, width)
      [cell, width, :right] -> String.pad_leading(cell, width)
    end)
    |> Enum.join("  ")
    |> String.trim_trailing()
  end

  defp cut([last]), do: [plain(last)]
  defp cut([text | rest]), do: [short(plain(text)) | cut(rest)]

  defp plain(text), do: String.replace(text, ~r/[[:cntrl:]]/u, " ")

  defp short(text) do
    if String.length(text) > @widest, do: String.slice(text, 0, @widest - 3) <> "...", else: text
  end
end

defmodule Rebeam.CLI.Help do
  @moduledoc false
  # `rebeam help [TOPIC]`: the whole text, or the part of it whose title has that word.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.Usage

  @impl true
  def run([]) do
    IO.puts(String.trim_trailing(Usage.text()))
    0
  end

  def run([topic | _]) do
    case Enum.filter(Usage.parts(), fn {title, _} ->
           String.downcase(title) =~ String.downcase(topic)
         end) do
      [] ->
        titles = Enum.map_join(Usage.parts(), "\n", fn {title, _} -> "  " <> title end)
        IO.puts(:stderr, "rebeam: no help about #{inspect(topic)}, but about:\n" <> titles)
        2

      parts ->
        IO.puts(Enum.map_join(parts, "\n\n", fn {title, text} -> "#{title}:\n#{text}" end))
        0
    end
  end
end

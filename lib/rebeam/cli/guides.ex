defmodule Rebeam.CLI.Guides do
  @moduledoc false
  # The guides (priv/guides), as `rebeam help` lists and shows them. Their order is that of index.md.

  alias Rebeam.CLI.Usage

  @link ~r/\[([^\]]+)\]\(([^)]+)\)/
  @guide ~r/\A[\w-]+\.md\z/

  @doc "Their names and titles, in order."
  @spec all :: [{String.t(), String.t()}]
  def all do
    for line <- String.split(read("index"), "\n"),
        [_, title, file] <- [Regex.run(~r/^- \[([^\]]+)\]\(([\w-]+)\.md\)/, line)],
        do: {file, title}
  end

  @doc "Those that are called so, or else have that in their title."
  @spec find(String.t()) :: [{String.t(), String.t()}]
  def find(topic) do
    topic = String.downcase(topic)
    guides = [{"index", "Guides"} | all()]

    case Enum.filter(guides, fn {name, _} -> name == topic end) do
      [] -> Enum.filter(guides, fn {_, title} -> String.downcase(title) =~ topic end)
      named -> named
    end
  end

  @doc "A list of some, for who is to choose."
  @spec list([{String.t(), String.t()}]) :: String.t()
  def list(guides) do
    Enum.map_join(guides, "\n", fn {name, title} ->
      "  " <> String.pad_trailing(name, 21) <> title
    end)
  end

  @doc "One as text for a terminal: programs set in, links as what shows the other guide."
  @spec text(String.t()) :: String.t()
  def text(name) do
    name
    |> read()
    |> String.split(~r/^```(?:\w*\n)?/m)
    |> Enum.chunk_every(2)
    |> Enum.map_join(fn
      [words, program] -> [unlinked(words), set_in(program)]
      [words] -> unlinked(words)
    end)
    |> String.trim_trailing()
  end

  defp read(name),
    do: :rebeam |> Application.app_dir("priv/guides/#{name}.md") |> File.read!()

  defp set_in(program), do: String.replace(program, ~r/^(?=.)/m, "    ")

  defp unlinked(words) do
    Regex.replace(@link, words, fn _, text, target ->
      if target =~ @guide,
        do: "#{text} (#{Usage.command()} help #{Path.rootname(target)})",
        else: "#{text} (#{target})"
    end)
  end
end

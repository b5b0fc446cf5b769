defmodule Rebeam.CLI.Help do
  @moduledoc false
  # `rebeam help [TOPIC]`: the whole usage and the list of guides; or one guide, or the part of the
  # usage whose title has that word.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Guides, Usage}

  @impl true
  def run([]) do
    IO.puts(String.trim_trailing(Usage.text()) <> "\n\n" <> listed(Guides.all()))
    0
  end

  def run([topic | _]) do
    case {parts(topic), Guides.find(topic)} do
      {[], []} -> unknown(topic)
      {_, [{^topic, _}]} -> IO.puts(Guides.text(topic))
      {[], [{name, _}]} -> IO.puts(Guides.text(name))
      {parts, guides} -> IO.puts(Enum.join(shown(parts) ++ several(guides), "\n\n"))
    end
    |> status()
  end

  defp parts(topic) do
    for {title, _} = part <- Usage.parts(),
        String.downcase(title) =~ String.downcase(topic),
        do: part
  end

  defp shown(parts), do: for({title, text} <- parts, do: "#{title}:\n#{text}")

  defp several([]), do: []
  defp several(guides), do: [listed(guides)]

  defp listed(guides), do: "Guides (#{Usage.command()} help NAME):\n#{Guides.list(guides)}"

  defp unknown(topic) do
    titles = Enum.map_join(Usage.parts(), "\n", fn {title, _} -> "  " <> title end)
    topic = Complaint.printable(inspect(topic))

    IO.puts(
      :stderr,
      "rebeam: no help about #{topic}, but about:\n#{titles}\n\n" <> listed(Guides.all())
    )

    :unknown
  end

  defp status(:unknown), do: 2
  defp status(:ok), do: 0
end

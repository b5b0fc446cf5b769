defmodule Rebeam.Log.ProgressTest do
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Program}

  @tqdm "output/progress/bar.py"
  @rich "output/progress/rich_bar.py"

  defp run(program, options \\ []) do
    options = [options: ["--python", Environment.python()], env: [{"TERM", "xterm"}]] ++ options
    result = Program.run(program, options)
    assert result.status == 0, result.out
    result
  end

  # The lines of a terminal after that was written to it, as far as programs of these tests use it.
  defp screen(bytes) do
    bytes
    |> String.replace("\r\n", "\n")
    |> String.split("\n")
    |> Enum.map(&line/1)
  end

  defp line(text) do
    ~r/\r|\e\[2?K|\e\[[0-9;]*m|\e\[\?25[lh]|[^\r\e]+/
    |> Regex.scan(text)
    |> Enum.reduce({"", 0}, &put/2)
    |> elem(0)
    |> String.trim_trailing()
  end

  defp put(["\r"], {line, _at}), do: {line, 0}
  defp put(["\e[K"], {line, at}), do: {String.slice(line, 0, at), at}
  defp put(["\e[2K"], {_line, at}), do: {"", at}
  defp put(["\e[" <> _], written), do: written

  defp put([text], {line, at}) do
    before = line |> String.slice(0, at) |> String.pad_trailing(at)
    rest = String.slice(line, (at + String.length(text))..-1//1)
    {before <> text <> rest, at + String.length(text)}
  end

  @tag :slow
  test "on a terminal entries stand above the one bar, each on lines of their own" do
    lines = Enum.reject(screen(run(@tqdm, pty: true).out), &(&1 == ""))
    {bars, others} = Enum.split_with(lines, &(&1 =~ "%|"))
    assert [bar] = bars
    assert bar =~ ~r/^100%\|.*\| 40\/40 \[/
    entries(others)
    assert List.last(others) == "('ok', 'done')" or List.last(others) =~ "done"
  end

  # Each whole, and where a line begins.
  defp entries(lines) do
    entry = ~r/^\d\d:\d\d:\d\d\.\d{3} \[(info|error)\] /
    assert length(Enum.filter(lines, &(&1 =~ entry))) == 5
    at = for [_, at] <- Regex.scan(~r/bar: at (\d+)$/m, Enum.join(lines, "\n")), do: at
    assert at == ~w(5 15 25 35)
  end

  @tag :slow
  test "rich's bar is one, too, and what rich prints and logs is as under python" do
    lines = Enum.reject(screen(run(@rich, pty: true).out), &(&1 == ""))
    {bars, others} = Enum.split_with(lines, &(&1 =~ ~r/^works /))
    assert [bar] = bars
    assert bar =~ ~r/^works ━+ 100% \d+:\d\d:\d\d$/u
    entries(others)

    assert ["printed", "{'by': 'rich'}", "WARNING  logged by [rich]", last] =
             Enum.take(others, -4)

    assert last =~ "done"
  end

  @tag :slow
  test "elsewhere an entry begins a line" do
    result = run(@tqdm)
    refute result.err =~ "\e["
    assert length(Regex.scan(~r/^\d\d:\d\d:\d\d\.\d{3} \[info\] bar: at \d+$/m, result.err)) == 4
  end
end

defmodule Rebeam.Log.ProgressTest do
  use ExUnit.Case, async: true

  alias Rebeam.{Packages, Program}

  @lack Packages.lack("tqdm")
  if @lack, do: IO.puts("Skipped: progress bars, as " <> @lack)

  @program "output/progress/bar.py"

  # The lines of a terminal after that was written to it, as far as programs of these tests use it.
  defp screen(bytes) do
    bytes
    |> String.replace("\r\n", "\n")
    |> String.split("\n")
    |> Enum.map(&line/1)
  end

  defp line(text) do
    ~r/\r|\e\[K|\e\[[0-9;]*m|[^\r\e]+/
    |> Regex.scan(text)
    |> Enum.reduce({"", 0}, &put/2)
    |> elem(0)
    |> String.trim_trailing()
  end

  defp put(["\r"], {line, _at}), do: {line, 0}
  defp put(["\e[K"], {line, at}), do: {String.slice(line, 0, at), at}
  defp put(["\e[" <> _], written), do: written

  defp put([text], {line, at}) do
    before = line |> String.slice(0, at) |> String.pad_trailing(at)
    rest = String.slice(line, (at + String.length(text))..-1//1)
    {before <> text <> rest, at + String.length(text)}
  end

  @tag :slow
  @tag skip: @lack
  test "on a terminal entries stand above the one bar, each on lines of their own" do
    result = Program.run(@program, pty: true)
    assert result.status == 0, result.out
    lines = Enum.reject(screen(result.out), &(&1 == ""))
    {bars, others} = Enum.split_with(lines, &(&1 =~ "%|"))
    assert [bar] = bars
    assert bar =~ ~r/^100%\|.*\| 40\/40 \[/
    entry = ~r/^\d\d:\d\d:\d\d\.\d{3} \[(info|error)\] /
    assert length(Enum.filter(others, &(&1 =~ entry))) == 5

    assert for([_, at] <- Regex.scan(~r/bar: at (\d+)$/m, Enum.join(others, "\n")), do: at) ==
             ~w(5 15 25 35)

    assert List.last(others) == "('ok', 'done')" or List.last(others) =~ "done"
  end

  @tag :slow
  @tag skip: @lack
  test "elsewhere an entry begins a line" do
    result = Program.run(@program)
    assert result.status == 0
    refute result.err =~ "\e["
    assert length(Regex.scan(~r/^\d\d:\d\d:\d\d\.\d{3} \[info\] bar: at \d+$/m, result.err)) == 4
  end
end

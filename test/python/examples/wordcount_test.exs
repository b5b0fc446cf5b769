defmodule Rebeam.Python.Examples.WordcountTest do
  # The example counts real files as the shell's tools do.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @main Path.expand("../../../python/examples/wordcount/main.py", __DIR__)

  # {word, count} as `tr`, `sort` and `uniq` have it, the most frequent first, then by name.
  defp counted_by_shell(files) do
    command =
      "cat \"$@\" | tr A-Z a-z | tr -cs a-z '\\n' | grep . | sort | uniq -c | sort -k1,1nr -k2,2"

    {out, 0} = System.cmd("sh", ["-c", command, "sh" | files], env: [{"LC_ALL", "C"}])
    lines = for line <- String.split(out, "\n", trim: true), do: List.to_tuple(String.split(line))
    for {count, word} <- lines, do: {word, String.to_integer(count)}
  end

  defp counted(out) do
    lines = String.split(out, "\n", trim: true)
    {words, [summary]} = Enum.split(lines, -1)

    words =
      for line <- words, [count, word] = String.split(line), do: {word, String.to_integer(count)}

    {words, summary}
  end

  defp summary(words, failed) do
    total = words |> Enum.map(&elem(&1, 1)) |> Enum.sum()
    "#{total} words, #{length(words)} different, #{failed} files failed"
  end

  @tag :slow
  test "all of a folder, as tr, sort and uniq count it" do
    folder = "/usr/share/common-licenses"

    files =
      for path <- Path.wildcard(folder <> "/*"), File.lstat!(path).type == :regular, do: path

    assert files != []
    expected = counted_by_shell(files)

    result = Program.run(@main, args: ["--top", "0", folder])
    assert %{status: 0, err: ""} = result
    assert counted(result.out) == {expected, summary(expected, 0)}

    # Without arguments it is the same folder, and the first twenty.
    result = Program.run(@main)
    assert %{status: 0, err: ""} = result
    assert counted(result.out) == {Enum.take(expected, 20), summary(expected, 0)}
  end

  @tag :slow
  test "files that are not UTF-8 crash their readers, are reported, and the rest is counted" do
    good =
      for n <- 1..40,
          into: %{},
          do: {"good/#{n}.txt", String.duplicate("word w#{n}x größe Ärger it's\n", n)}

    bad = for n <- 1..5, into: %{}, do: {"bad/#{n}.txt", "never counted \xFF\n"}
    bad = Map.new(bad, fn {name, text} -> {name, :binary.replace(text, "\u00FF", <<0xFF>>)} end)
    folder = Program.folder(Map.merge(good, bad))
    expected = counted_by_shell(for name <- Map.keys(good), do: Path.join(folder, name))

    result = Program.run(@main, args: ["--top", "0", "--readers", "3", folder])
    assert result.status == 0
    assert counted(result.out) == {expected, summary(expected, 5)}

    for name <- Map.keys(bad) do
      assert [_] = Regex.scan(~r/^failed: .*#{name}: UnicodeDecodeError/m, result.err)
    end

    # One log entry for each, with the reader that crashed.
    assert length(
             Regex.scan(
               ~r/\[error\] actor reader-\d .* crashed in @receive\("read"\)/,
               result.err
             )
           ) == 5
  end

  @tag :slow
  test "no files, and a file that is not there" do
    result = Program.run(@main, args: [Program.folder()])
    assert %{status: 0, out: "0 words, 0 different, 0 files failed\n", err: ""} = result

    result = Program.run(@main, args: ["/nowhere"])
    assert %{status: 1, out: "", err: "wordcount: no file or folder '/nowhere'\n"} = result
  end
end

defmodule Rebeam.MistakesTest do
  # What the first mistakes are answered with, word by word: test/programs/mistakes/table.txt, where
  # each program is followed by what is on standard error.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @table Program.path("mistakes/table.txt")
  @external_resource @table

  @mistakes for part <- @table |> File.read!() |> String.split(~r/^=== /m) |> tl(),
                [head, rest] = String.split(part, "\n", parts: 2),
                [program, answer] = String.split(rest, "---\n", parts: 2),
                [kind, title] = String.split(head, ": ", parts: 2),
                do: {kind, title, program, answer}

  @from "from rebeam import *\n"

  test "there are sixty and more, each with a title of its own" do
    titles = for {_, title, _, _} <- @mistakes, do: title
    assert length(titles) > 60
    assert titles == Enum.uniq(titles)
  end

  @tag :slow
  test "the body of a script ends at the user's line" do
    mistakes = for {"body", title, program, answer} <- @mistakes, do: {title, program, answer}
    files = Map.new(mistakes, fn {title, program, _} -> {"#{title}.py", @from <> program} end)
    folder = Program.folder(files)
    paths = for {title, _, _} <- mistakes, do: Path.join(folder, "#{title}.py")
    result = Program.run("mistakes/body.py", args: paths)
    assert %{status: 0, out: ""} = result

    answers = ("\n" <> result.err) |> String.split(~r/^=== .*\n/m) |> tl()
    assert length(answers) == length(mistakes)

    for {{title, _, answer}, found} <- Enum.zip(mistakes, answers),
        do: assert({title, plain(found)} == {title, answer})
  end

  # On a busy machine any handler may hold its thread for a second; that warning is one mistake's.
  for {"run", title, program, answer} <- @mistakes do
    seconds = if title == "a handler that blocks", do: "1", else: "600"

    @tag :slow
    test title do
      options = ["--warn-blocked", unquote(seconds)]
      result = Program.run(@from <> unquote(program), options: options)
      assert plain(result.err) == unquote(answer)
    end
  end

  @tag :slow
  test "REBEAM_DEBUG keeps the frames of the package" do
    program = @from <> "Supervisor(None)\n"
    result = Program.run(program, env: [{"REBEAM_DEBUG", "1"}])

    assert result.err =~
             ~r{line 2, in <module>\n    Supervisor\(None\)\n.*_supervisor\.py", line}s

    refute Program.run(program).err =~ "_supervisor.py"
  end

  @tag :slow
  test "an actor's object that is good for something else is no mistake" do
    assert Program.lines!("mistakes/helper.py") == ["3"]
    assert Program.lines!("mistakes/later.py") == ["[1, 2, 3]", "1"]
  end

  # Without what differs from run to run, and what differs with CPython's versions: the marks below
  # lines, the further lines of statements, and its guesses.
  defp plain(text) do
    text
    |> String.replace(~r/^\d\d:\d\d:\d\d\.\d{3} /m, "")
    |> String.replace(~r{/tmp/rebeam-program-[^"]*?/([^/"]*\.py)}, "\\1")
    |> String.replace("(in #{File.cwd!()})", "(in FOLDER)")
    |> String.replace(~r/<\d+\.\d+\.\d+>/, "<pid>")
    |> String.replace(~r/ at 0x[0-9a-f]+/, "")
    |> String.replace(~r/\. Did you mean: '\w+'\?$/m, "")
    |> String.replace(~r/ cb=\[.*\]>/, ">")
    |> String.replace(~r/ for \d+ s now/, " for 1 s now")
    |> String.replace(~r/^ *[~^]+ *\n/m, "")
    |> String.replace(~r/^    (    .*|\.\.\.<\d+ lines>\.\.\.)\n/m, "")
  end
end

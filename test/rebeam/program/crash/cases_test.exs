Code.require_file("cases.exs", __DIR__)

defmodule Rebeam.Program.Crash.CasesTest do
  # The rows of cases.exs, each through the command in an OS process of its own: how it ends,
  # what it says, and that it leaves no process behind.
  use ExUnit.Case, async: true

  import Rebeam.Waiting

  alias Rebeam.Program

  for {name, source, options, status, out, err} <- Crash.Cases.rows() do
    # For every day, what ends the main interpreter.
    if name =~ "unit", do: @tag(:slow)

    @tag :slow
    test name do
      mark = "#{System.pid()}-#{System.unique_integer([:positive])}"
      options = unquote(Macro.escape(options))
      env = [{"REBEAM_CRASH_CASE", mark}, {"ERL_CRASH_DUMP", "/dev/null"} | options[:env] || []]
      program = Crash.Cases.program(unquote(source))
      result = Program.run(program, Keyword.put(options, :env, env))
      told = "#{result.out}\n--- stderr\n#{result.err}"

      assert result.status == unquote(status), told
      assert seen?(result.out, unquote(Macro.escape(out))), told
      assert told?(result.err, unquote(Macro.escape(err))), told
      wait_until(fn -> left_over(mark) == [] end)
    end
  end

  # Exactly these lines.
  defp seen?(text, lines) do
    seen = lines(text)
    length(seen) == length(lines) and Enum.all?(Enum.zip(seen, lines), &same?/1)
  end

  # These lines, in this order, among others; no line if none is wanted.
  defp told?(_text, :any), do: true
  defp told?(text, []), do: text == ""

  defp told?(text, lines) do
    Enum.reduce(lines(text), lines, fn
      line, [wanted | rest] -> if same?({line, wanted}), do: rest, else: [wanted | rest]
      _line, [] -> []
    end) == []
  end

  defp same?({line, %Regex{} = wanted}), do: line =~ wanted
  defp same?({line, wanted}), do: line == wanted

  defp lines(text), do: String.split(text, "\n", trim: true)

  # The processes that inherited this case's environment.
  defp left_over(mark),
    do:
      for(
        "/proc/" <> _ = folder <- Path.wildcard("/proc/[0-9]*"),
        marked?(folder, mark),
        do: folder
      )

  defp marked?(folder, mark) do
    case File.read(folder <> "/environ") do
      {:ok, environment} -> environment =~ "REBEAM_CRASH_CASE=" <> mark <> "\0"
      {:error, _} -> false
    end
  end
end

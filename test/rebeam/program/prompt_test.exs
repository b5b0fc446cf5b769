defmodule Rebeam.Program.PromptTest do
  # The interactive prompt, through a terminal and through a pipe.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @typed """
  from rebeam import *
  class Double(GenPy):
      @receive("it")
      def it(self, message): return message * 2

  class Ask(GenPy):
      @receive("it")
      def it(self, message): return call("double", "it", message)[1] + 1

  """

  # Types line after line, each once its prompt is there.
  defp typed(text) do
    lines = String.split(String.trim_trailing(text, "\n"), "\n")

    for {line, before} <- Enum.zip(lines, ["" | lines]) do
      prompt = if before =~ ~r/^( |class )/, do: "... ", else: ">>> "
      {prompt, :type, line <> "\r"}
    end
  end

  defp words(words, options), do: Program.run({:words, words}, options)

  # What a terminal shows, without what positions and colours it.
  defp shown(text), do: String.replace(text, ~r/\e\[[0-9;?]*[A-Za-z]|\e[=>]|\r/, "")

  @tag :slow
  test "through a pipe it is python's" do
    for {words, input, status} <- [
          {["-i", "-q"], "x = 5\nx\nprint(_ + 1)\n1/0\nx\n", 0},
          {["-iq", "-c", "y = 7"], "y\ndef f():\n    return y\n\nf()\nexit(4)\n", 4},
          {["-iq", "-c", "import sys; y = 3; sys.exit(9)"], "y\n", 0},
          {["-iq", "-c", "exit(9)"], "6 * 7\n", 0},
          {["-iq", "-c", "def"], "6 * 7\n", 0},
          {["-iq"], "if True:\n    6 * 7", 0},
          {["-iq"], "x = (\n", 0},
          {["-iq", "-"], "6 * 7\n", 0},
          {["-iq", "-c", "def f(): raise KeyError(1)\nf()"], "import sys\nsys.last_value\n", 0},
          {["-iq"], "if True:\n    print(1)\n\nimport sys; print(sys.argv, __name__)\n", 0}
        ] do
      python = words(words, via: :python, input: input)
      rebeam = words(words, input: input)
      assert {words, rebeam.out, rebeam.status} == {words, python.out, status}
      assert python.status == status
      assert Program.python().version >= "3.13" or rebeam.err == python.err
    end
  end

  @tag :slow
  test "actors run while one types, what is typed suspends, and supervisors start at once" do
    lines = """
    Supervisor([child(Double(), name="double"), child(Ask(), name="ask")]) and None
    whereis("ask") is not None and call("ask", "it", 20)
    print("suspended", sum(each[1] for each in call_many([("ask", "it", n) for n in range(100)], 9)))
    quit(6)
    """

    result = words(["-q"], pty: true, on: typed(@typed <> lines), env: [{"TERM", "dumb"}])
    out = shown(result.out)
    assert out =~ ~r/Status.OK.*41/
    assert out =~ ~r/^suspended #{Enum.sum(Enum.map(0..99, &(2 * &1 + 1)))}$/m
    assert result.status == 6
  end

  @tag :slow
  test "Ctrl-D ends a statement first, and - is the prompt where somebody types" do
    steps = [{">>> ", :type, "if True:\r"}, {"... ", :type, " print(6 * 7)\r"}]
    more = [{"... ", :type, "\x04"}, {"42\r\n", :type, "import sys; sys.argv\r"}]
    more = more ++ [{"['-']\r\n", :type, "quit(5)\r"}]
    result = words(["-q", "-"], pty: true, on: steps ++ more, env: [{"TERM", "dumb"}])
    assert shown(result.out) =~ ~r/^42$/m
    assert result.status == 5
  end

  # From 3.13 on that is CPython's own editor of several lines.
  @tag :slow
  test "in a terminal that can do more" do
    lines = """
    from rebeam import *; print(6 * 7)
    print(whereis("nobody"), self_pid() is not None)
    quit(3)
    """

    result = words(["-q"], pty: true, on: typed(lines), env: [{"TERM", "xterm"}])
    assert shown(result.out) =~ ~r/^42$/m
    assert shown(result.out) =~ ~r/^None True$/m
    assert result.status == 3
  end

  @tag :slow
  test "Ctrl-C is an error at the prompt, Ctrl-D the end" do
    steps = typed("import time; time.sleep(60) or 1") ++ [{"60) or 1", :type, "\x03"}]
    more = [{"KeyboardInterrupt\r\n", :type, "print(6 * 7)\r"}, {"42\r\n", :type, ""}]
    more = more ++ [{">>> ", :type, "\x04"}]
    result = words(["-q"], pty: true, on: steps ++ more, env: [{"TERM", "dumb"}])
    assert shown(result.out) =~ ~r/^KeyboardInterrupt$/m
    assert result.status == 0
  end

  @tag :slow
  test "a program with -i: its trees run at the prompt, which ends them in order" do
    program = """
    from rebeam import *
    class Double(GenPy):
        @receive("it")
        def it(self, message): return message * 2
        @stop()
        def stop(self, reason): print("stopped", reason)
    Supervisor([child(Double(), name="double")])
    """

    folder = Program.folder(%{"main.py" => program})
    input = "call('double', 'it', 4)\n"
    result = words(["-iq", Path.join(folder, "main.py")], input: input)
    assert {result.out, result.status} == {"(<Status.OK: 'ok'>, 8)\nstopped shutdown\n", 0}
  end
end

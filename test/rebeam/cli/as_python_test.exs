defmodule Rebeam.CLI.AsPythonTest do
  # The switches and forms that `python` has, beside `python` itself.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # What each switch changes can be seen in this.
  @look """
  import sys, warnings
  def look():
      "docstrings count"
  try:
      assert False
  except AssertionError:
      print("assertions count")
  flags = {name: getattr(sys.flags, name) for name in dir(sys.flags) if name[0] != "_" and
           name not in ("count", "index", "n_fields", "n_sequence_fields", "n_unnamed_fields")}
  print(sorted(flags.items()), sys.argv, __name__, __debug__, sys.warnoptions)
  print(sorted(sys._xoptions.items()), sys.dont_write_bytecode, sys.stdout.write_through)
  print(sys.path[0] in sys.path[1:], [each for each in sys.path if "site-packages" in each] != [])
  print("site" in sys.modules, "exit" in dir(__builtins__), look.__doc__)
  warnings.warn("seen", DeprecationWarning)
  print(str(b"x"))
  """

  @switches ~w(-u -O -OO -Wignore -Werror -Xdev -Xutf8=0 -E -I -s -S -b -bb -q -B -P -R -d) ++
              [
                "-W error::BytesWarning -b",
                "-IB -u",
                "-X int_max_str_digits=700"
              ]

  defp python(switches, rest, options \\ []) do
    options = Keyword.put_new(options, :cd, Program.folder())

    both = fn via ->
      result = Program.run({:words, switches ++ rest}, [via: via] ++ options)

      {result.out, plain(result.err), result.status}
    end

    {both.(:python), both.(:vm)}
  end

  # Each names the program that failed.
  defp plain(text), do: String.replace(text, ~r/^\S*python3?\S*: /m, "python: ")

  @tag :slow
  test "each switch does what it does to python" do
    for text <- @switches do
      {python, rebeam} = python(String.split(text), ["-c", @look, "b"])
      assert {text, rebeam} == {text, python}
    end
  end

  @tag :slow
  test "-c: its arguments, path, errors, and what it defines suspends" do
    program = """
    import sys
    print(sys.argv, repr(sys.path[0]), sorted(globals()))
    def fail(): raise ValueError("from here")
    fail()
    """

    {python, rebeam} = python([], ["-c", program, "-x", "--", "é"])
    assert rebeam == python
    assert {_, _, 1} = python

    for {words, status} <- [
          {["-c", "1 +"], 1},
          {["-c", "raise SystemExit(5)"], 5},
          {["-c", "import sys; sys.exit('bye')"], 1},
          {["-c", ""], 0},
          {["-c", "print('\\udc80'.encode('utf-8', 'surrogateescape'))"], 0}
        ] do
      {python, rebeam} = python([], words)
      assert rebeam == python
      assert elem(python, 2) == status
    end
  end

  @tag :slow
  test "a module, a folder, standard input, with switches" do
    folder = Program.folder(%{"mod.py" => @look, "app/__main__.py" => @look})

    for rest <- [["-O", "-m", "mod", "a"], ["-B", "app", "a"], ["-Wignore", "-", "a"]] do
      {python, rebeam} = python([], rest, cd: folder, input: @look)
      assert rebeam == python
    end
  end

  test "without a program, what comes on standard input is one" do
    {python, rebeam} = python([], [], input: "import sys\nprint(sys.argv, __file__)\n1/0\n")
    assert rebeam == python
    assert {"[''] <stdin>\n", _, 1} = python
  end

  test "actors of -c" do
    program = """
    from rebeam import *
    class Echo(GenPy):
        @receive("say")
        def say(self, message): return call("other", "double", message)[1]
    class Double(GenPy):
        @receive("double")
        def double(self, message): return message * 2
    def main(): print(*call("echo", "say", 4))
    Supervisor([child(Double(), name="other"), child(Echo(), name="echo"),
                child(main, significant=True)])
    """

    assert %{out: "ok 8\n", err: "", status: 0} = Program.run({:words, ["-c", program]}, [])
  end
end

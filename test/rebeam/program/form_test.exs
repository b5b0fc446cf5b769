defmodule Rebeam.Program.FormTest do
  # A program in another form than a script: a folder, a zip archive, a .pyc, standard input.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @topic "program/form/"

  # A folder "app" with the program, and its other forms beside it.
  defp forms(program) do
    folder =
      Program.folder(%{"app/__main__.py" => @topic <> program, "app/data.txt" => "the data"})

    python!(folder, """
    import py_compile, shutil, zipapp
    zipapp.create_archive("app", "app.pyz", "/usr/bin/env python3")
    py_compile.compile("app/__main__.py", "program.pyc")
    shutil.copy("program.pyc", "program")
    shutil.copytree("app", ".", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__*"))
    """)

    folder
  end

  defp python!(folder, code) do
    {text, status} = System.cmd(Program.python().executable, ["-c", code], cd: folder)
    assert {text, status} == {"", 0}
  end

  defp same!(target, options) do
    {python, rebeam} = Program.both({:script, target}, options)
    assert rebeam == python
    python
  end

  @tag :slow
  test "the same as under python: arguments, sys.path, the names of its main, its end" do
    folder = forms("names.py")
    options = [cd: folder, args: ["a b", "-m"]]

    for target <- ~w(./app/ app.pyz program.pyc) do
      assert %{status: 1, out: out, err: err} = same!(target, [input: "read"] ++ options)
      assert out =~ "['#{target}', 'a b', '-m']"
      assert out =~ "'read'"
      assert err =~ "ValueError: größe"
    end

    text = File.read!(Path.join(folder, "app/__main__.py"))
    assert %{status: 1, out: "['-', 'a b', '-m'] " <> _} = same!("-", [input: text] ++ options)
    # Where python is told to be safe, what is beside the program is not there.
    safe = [env: [{"PYTHONSAFEPATH", "1"}]] ++ options

    for target <- ~w(app program -),
        do: assert(%{status: 1} = same!(target, [input: text] ++ safe))
  end

  @tag :slow
  test "the same as under python: places, and what is no program" do
    folder = forms("names.py")
    File.mkdir_p!(Path.join(folder, "empty"))
    File.mkdir_p!(Path.join(folder, "below"))
    File.ln_s!("../app.pyz", Path.join(folder, "below/link"))
    File.write!(Path.join(folder, "below/short.pyc"), "1234567890123456")
    File.write!(Path.join(folder, "below/main.py"), "import sys; print(__file__, sys.path[0])")
    File.write!(Path.join(folder, "-m"), "import sys; print(__file__, sys.argv)")

    for target <-
          ~w(below/link below/../app below/main.py ./below/../below/main.py) ++
            ~w(empty . app.pyz/nowhere below/short.pyc),
        do: same!(target, cd: folder)

    # After "--" a script may begin with a dash.
    assert %{status: 0, out: out} = Program.run({:script, "-m"}, cd: folder, options: ["--"])
    assert out =~ "/-m ['-m']"
  end

  @tag :slow
  test "its functions suspend, and actors of it are in units too" do
    folder = forms("waits.py")
    options = [cd: folder, args: ~w(shared process)]
    expected = ["suspended 2 blocked 0", "shared True 42 True", "process True 42 False"]

    for target <- ~w(app app.pyz program),
        do: assert(Program.lines!({:script, target}, options) == expected)

    text = File.read!(Path.join(folder, "app/__main__.py"))
    assert Program.lines!({:script, "-"}, [input: text] ++ options) == expected

    # What has no source cannot be walked: the deepest function of ours is suspended no more.
    File.rm!(Path.join(folder, "app/__main__.py"))

    assert ["suspended 0 blocked 2" | rest] = Program.lines!({:script, "program.pyc"}, options)
    assert rest == tl(expected)
  end

  @tag :slow
  test "a source that is no text is refused, and nothing of it runs" do
    sources = [
      "open('ran', 'w')\n# \xE4 in a comment\n",
      "open('ran', 'w')\nx = '\xFF'\n",
      "# coding: ascii\nopen('ran', 'w')\nx = '\xFF'\n",
      "# coding: nonsense\nopen('ran', 'w')\n",
      "\xEF\xBB\xBF# coding: latin-1\nopen('ran', 'w')\n"
    ]

    null = "open('ran', 'w')\n\0\n"
    # Before 3.11.4 python runs what stands before it.
    refused? = Version.match?(Program.python().version, ">= 3.11.4")
    sources = if refused?, do: sources ++ [null], else: sources

    folder = Program.folder()

    for source <- sources do
      File.write!(Path.join(folder, "main.py"), source)
      assert %{status: 1, err: err} = same!("main.py", cd: folder)
      assert err =~ "SyntaxError"
      assert %{status: 1} = same!("-", cd: folder, input: source)
    end

    File.write!(Path.join(folder, "main.py"), null)
    assert %{status: 1, err: err} = Program.run({:script, "main.py"}, cd: folder)
    assert err =~ "null bytes"
    refute File.exists?(Path.join(folder, "ran"))
  end

  @tag :slow
  test "names and arguments that are no text, and 20,000 of them" do
    program = """
    import os, sys
    from rebeam import GenPy, call, child, receive, run_register_process
    class Told(GenPy):
        @receive("arguments")
        def arguments(self):
            return len(sys.argv), *map(os.fsencode, sys.argv[:2]), os.fsencode(__file__)[-13:]
    if __name__ == "__main__":
        print(len(sys.argv), os.fsencode(sys.path[0])[-8:])
        for each in "shared", "process":
            print(call(run_register_process(child(Told(), isolation=each)), "arguments")[1])
        sys.exit(3)
    """

    folder = Program.folder(%{"folder\xFF/m\xE4in.py" => program})
    # A virtual environment there is found, too.
    bin = Path.join(folder, "folder\xFF/.venv/bin")
    File.mkdir_p!(bin)
    File.ln_s!(Program.python().executable, Path.join(bin, "python3"))
    args = ["a\xFF", "\xF0\x9F" | List.duplicate("x", 20_000)]
    options = ~w(--restart on-failure --max-restarts 1 --max-seconds 900)

    result =
      Program.run({:script, "folder\xFF/m\xE4in.py"}, cd: folder, args: args, options: options)

    seen = ~S|(20003, b'folder\xff/m\xe4in.py', b'a\xff', b'lder\xff/m\xe4in.py')|
    once = ["20003 b'/folder\\xff'", seen, seen]
    assert %{status: 3, err: "rebeam: ended with status 3, restarting" <> _} = result
    assert String.split(result.out, "\n", trim: true) == once ++ once

    assert {:ok, found} =
             Rebeam.Python.Choice.executable(script: Path.join(folder, "folder\xFF/m"))

    assert found == Path.join(bin, "python3") or System.get_env("REBEAM_PYTHON") != nil
  end

  @tag :slow
  test "standard input is read once" do
    result = Program.run({:script, "-"}, input: "", options: ~w(--restart always))
    assert %{status: 2, err: "rebeam: --restart needs a script in a file" <> _} = result
    assert %{status: 0, out: "", err: ""} = Program.run({:script, "-"}, input: "")
    typed = [{"", :type, "print(6 * 7)\n"}, {"", :eof, ""}]
    assert %{status: 0, out: "42\n"} = Program.run({:script, "-"}, on: typed)
  end

  @tag :slow
  test "several in one VM each have the modules of their own" do
    files = for n <- 1..2, {name, text} <- app(n), into: %{}, do: {"app#{n}/" <> name, text}
    folder = Program.folder(files)

    python!(folder, """
    import zipapp
    for each in "app1", "app2":
        zipapp.create_archive(each, each + ".pyz")
    """)

    for kind <- ["", ".pyz"] do
      code = """
      children = for n <- 1..2 do
        script = [script: "app\#{n}#{kind}", args: ["form\#{n}"]]
        Supervisor.child_spec({Rebeam, script}, id: n)
      end
      {:ok, _} = Supervisor.start_link(children, strategy: :one_for_one)
      for n <- 1..2, do: IO.inspect(Rebeam.call("form\#{n}", "who", nil))
      """

      assert %{status: 0, out: out} = Program.elixir(code, cd: folder)
      assert [first, second] = String.split(out, "\n", trim: true)
      assert first =~ ~r/{:ok, "one __main__ (True|False)"}/
      assert second == ~s({:ok, "two __main__ True"})
    end
  end

  defp app(n) do
    [
      {"__main__.py", @topic <> "in_form.py"},
      {"own.py", "NAME = '#{Enum.at(~w(one two), n - 1)}'"}
    ]
  end
end

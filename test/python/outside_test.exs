defmodule Rebeam.Python.OutsideTest do
  # `import rebeam` under plain Python.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Program}

  @how "works inside the runtime: start the program with `rebeam main.py`\n"

  @program """
  from rebeam import *

  class Counter(GenPy):
      '''
      >>> Counter(2).add(3)
      response_ok(5)
      '''

      def __init__(self, first=0):
          self.n = first

      @receive("add")
      def add(self, message):
          self.n += message
          self.state["last"] = message
          return response_ok(self.n)

      @info()
      def note(self, message):
          call("log", "note", message)
  """

  defp plain(source, options \\ []) do
    Program.run(
      source,
      [via: :python, env: Environment.variables([Environment.package()])] ++ options
    )
  end

  @tag :slow
  test "classes of actors work as classes" do
    source = """
    counter = Counter(2)
    response = counter.add(3)
    print(response, response.status, response.value, counter.state, bool(response.status))
    print(counter.add(1) == response_ok(6), response_error("no") == response_ok("no"))
    print(child(counter, restart="transient"), Status.OK == "ok", Atom("tick"))
    """

    assert %{status: 0, err: "", out: out} = plain(@program <> source)

    assert String.split(out, "\n", trim: true) == [
             "response_ok(5) ok 5 {'last': 3} True",
             "True False",
             "#{"child(<__main__.Counter object at "}" <>
               (Regex.run(~r/0x\w+/, out) |> hd()) <> ">) True tick"
           ]
  end

  @tag :slow
  test "using the runtime is one line that says how to run the program" do
    for {what, name} <- [
          {"Supervisor([Counter()])", "Supervisor"},
          {"call('counter', 'add', 1)", "call"},
          {"Counter().note(1)", "call"},
          {"whereis('counter')", "whereis"},
          {"run_register_process(Counter)", "run_register_process"},
          {"ProcessID()", "ProcessID"}
        ] do
      assert %{status: 1, out: "", err: error} = plain(@program <> what)
      assert String.ends_with?(error, "\nRuntimeError: rebeam: #{name}() #{@how}")
    end
  end

  @tag :slow
  test "doctest and pydoc" do
    folder = Program.folder(%{"counter.py" => @program})
    variables = Environment.variables([Environment.package(), folder])
    python = Program.python().executable
    run = &System.cmd(python, &1, cd: folder, env: variables, stderr_to_stdout: true)
    assert {text, 0} = run.(["-m", "doctest", "-v", "counter.py"])
    assert text =~ "1 passed"
    assert {text, 0} = run.(["-m", "pydoc", "rebeam", "rebeam.testing", "counter"])
    # From 3.13 on a long signature has a line for each parameter.
    assert text =~ ~r/run_register_process\(\s*item/
    assert text =~ "call(target, subject, message=None, timeout=5.0, interrupt=False)"
  end

  test "its version is the project's" do
    text = File.read!(Path.join(Environment.package(), "pyproject.toml"))
    assert [_, version] = Regex.run(~r/^version = "(.*)"$/m, text)
    assert version == Mix.Project.config()[:version]
  end

  @tag :slow
  test "pip installs it whole" do
    folder = Program.folder()
    installed = Path.join(Environment.install!(folder), "rebeam")
    source = Path.join(Environment.package(), "rebeam")
    files = for path <- Path.wildcard(source <> "/*.{py,pyi,typed}"), do: Path.basename(path)
    assert Enum.reject(files, &File.regular?(Path.join(installed, &1))) == []
    assert "py.typed" in files and "_native.pyi" in files
  end
end

defmodule Rebeam.Program.PlainScriptTest do
  # What a script that never heard of Re:BEAM prints and ends with: as under python.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # The same folder and name for both, so that tracebacks are the same too.
  defp assert_same(program, options \\ []) do
    files = Map.merge(%{"main.py" => program}, options[:files] || %{})
    options = Keyword.put(options, :cd, Program.folder(files))
    {python, rebeam} = Program.both(options[:target] || "main.py", options)
    assert rebeam == python
    python
  end

  describe "the same as under python:" do
    @tag :slow
    test "argparse" do
      program = """
      import argparse
      parser = argparse.ArgumentParser(description="Adds.")
      parser.add_argument("numbers", type=int, nargs="+")
      parser.add_argument("--twice", action="store_true")
      options = parser.parse_args()
      print(sum(options.numbers) * (2 if options.twice else 1))
      """

      assert %{out: "12\n", status: 0} = assert_same(program, args: ~w(--twice 1 2 3))
      assert %{status: 2, err: "usage: main.py" <> _} = assert_same(program, args: ~w(1 x))
      assert %{status: 0, out: "usage: main.py" <> _} = assert_same(program, args: ~w(--help))
    end

    @tag :slow
    test "the command line, the script's place, the interpreter" do
      program = """
      import os, sys, threading, __main__
      import beside
      print(sys.argv, sys.orig_argv[1:], __name__, __file__, __main__.__file__, __spec__, __doc__)
      print(sys.path[0], beside.__file__, beside.__name__, beside.__spec__.name)
      print(sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.flags, sys.version)
      print(threading.current_thread() is threading.main_thread(), threading.current_thread().name)
      print(threading.active_count(), os.getcwd(), sys.stdin.encoding, sys.stdout.encoding)
      print(sys.stdout.isatty(), sys.stdout.line_buffering, sys.getfilesystemencoding())
      print(sorted(set(dir()) - {"__annotations__"}), sys.getrecursionlimit())
      print(sys.path[1:], sys.byteorder, sys.warnoptions, sys.dont_write_bytecode)
      print(type(__loader__).__name__, __builtins__.__name__, __package__, globals().get("__cached__", ...))
      """

      files = %{"beside.py" => ""}
      result = assert_same(program, args: ["a b", "--help", "ü", ""], files: files)
      assert %{status: 0, err: ""} = result
      assert result.out =~ "['main.py', 'a b', '--help', 'ü', '']"
    end

    @tag :slow
    test "environment variables of Python" do
      program = """
      import os, sys
      sys.path.remove
      print(os.environ.get("PYTHONPATH"), "/nowhere/at/all" in sys.path, sys.flags.optimize)
      print(sorted(each for each in os.environ if each.startswith(("PYTHON", "REBEAM", "ERL", "BINDIR"))))
      print(sys.flags.hash_randomization, hash("text"))
      assert False, "asserted"
      """

      env = [{"PYTHONPATH", "/nowhere/at/all"}, {"PYTHONHASHSEED", "7"}, {"REBEAM_PYTHON", nil}]
      assert %{status: 1, err: "Traceback" <> _} = assert_same(program, env: env)
      env = [{"PYTHONOPTIMIZE", "1"}, {"PYTHONHASHSEED", "7"}, {"REBEAM_PYTHON", nil}]
      assert %{status: 0} = assert_same(program, env: env)
    end

    test "tracebacks, with carets and chained exceptions" do
      program = """
      import beside
      def deeper(table, key):
          return table[key]["x"] + (
              1 / len(table)
          )
      def outer():
          try:
              deeper({"a": None}, "a")
          except TypeError as error:
              raise ValueError("chained", "größe") from error
      try:
          outer()
      except ValueError:
          beside.fail(lambda: [n for n in (deeper({}, n) for n in range(2))])
      """

      files = %{
        "beside.py" => "def fail(function):\n    with open('/dev/null'):\n        function()\n"
      }

      assert %{status: 1, out: "", err: err} = assert_same(program, files: files)
      assert err =~ "^^^"
      assert err =~ "The above exception was the direct cause"
      assert err =~ "During handling of the above exception"
    end

    @tag :slow
    test "recursion, notes and groups in tracebacks" do
      assert %{status: 1} = assert_same("def f(n):\n    return f(n + 1)\nf(0)\n")

      assert %{status: 1} =
               assert_same("""
               error = ExceptionGroup("several", [ValueError(1), KeyError("k")])
               error.add_note("a note")
               raise error
               """)
    end

    @tag :slow
    test "syntax errors" do
      for program <- [
            "x = (1,\nprint(x)\n",
            "def f():\nreturn 1\n",
            "x = 'open\n",
            "return 5\n",
            "a = 1\n\tb = 2\n"
          ] do
        assert %{status: 1, out: ""} = assert_same(program)
      end

      # Bytes that are no text, and a zero.
      assert %{status: 1} =
               assert_same("x = '\xFF'\n" |> :unicode.characters_to_binary(:latin1, :latin1))

      assert %{status: 1} = assert_same("import beside\n", files: %{"beside.py" => "x = = 1\n"})
    end

    @tag :slow
    test "how a program ends" do
      for program <- [
            "",
            "import sys; sys.exit('a text')",
            "import sys; sys.exit(['a', 1])",
            "import sys; print('x', end=''); sys.exit(-1)",
            "import sys; sys.exit(True)",
            "raise SystemExit",
            "raise SystemExit(3.5)",
            "exit(4)",
            "import os; print('lost'); os._exit(5)",
            "import sys; sys.stdout.close()",
            "import sys; del sys.stdout",
            "raise KeyboardInterrupt",
            "raise BaseException('base')",
            "import sys; sys.excepthook = lambda *a: print('hook', a[0].__name__, a[1]); 1/0",
            "import sys; sys.excepthook = lambda *a: 1/0; {}['x']",
            "class E(Exception):\n def __str__(self): raise ValueError('x')\nraise E",
            "import sys; sys.exit(sys.exit(2))"
          ] do
        python_and_rebeam(program)
      end
    end

    # As assert_same, but says which program it was. KeyboardInterrupt may end as a signal or as 130.
    defp python_and_rebeam(program) do
      {python, rebeam} = Program.both("main.py", cd: Program.folder(%{"main.py" => program}))
      python = if python.status == "SIGINT", do: %{python | status: 130}, else: python
      rebeam = if rebeam.status == "SIGINT", do: %{rebeam | status: 130}, else: rebeam
      assert {program, rebeam} == {program, python}
    end

    @tag :slow
    test "atexit, threads that outlive main, and what is flushed" do
      result = assert_same("program/plain_script/atexit_handlers.py")
      assert result.out =~ "main is done\nthread is done\natexit 2"
    end

    test "__del__ and files at exit" do
      program = """
      class Closing:
          def __init__(self, name):
              self.name = name
          def __del__(self):
              print("deleted", self.name)
      it = Closing("global")
      file = open("written", "w")
      file.write("flushed")
      """

      folder = Program.folder(%{"main.py" => program})
      python = Program.run("main.py", via: :python, cd: folder)
      assert File.read!(Path.join(folder, "written")) == "flushed"
      File.rm!(Path.join(folder, "written"))
      rebeam = Program.run("main.py", cd: folder)
      assert File.read!(Path.join(folder, "written")) == "flushed"
      assert rebeam == python
    end

    test "threads: exceptions and exits in them" do
      assert %{status: 0} = assert_same("program/plain_script/plain_threads.py")
    end

    @tag :slow
    test "subprocess, os and shell" do
      assert %{status: 0} = assert_same("program/plain_script/subprocess_os_and_shell.py")
    end

    @tag :slow
    test "multiprocessing with spawn, concurrent.futures" do
      assert %{status: 0, err: ""} =
               assert_same(
                 "program/plain_script/multiprocessing_with_spawn_concurrent_futures.py"
               )
    end

    @tag :slow
    test "input from a pipe, its end, and nothing" do
      program = """
      import sys
      print(repr(input("name? ")))
      print(repr(sys.stdin.readline()), sys.stdin.isatty())
      print([line for line in sys.stdin])
      try:
          input()
      except EOFError as error:
          print("EOFError", error)
      """

      assert %{status: 0} = assert_same(program, input: "größe\nsecond\nthird\nno end")
      assert %{status: 1} = assert_same(program, input: "")
      # What that is depends on the locale.
      assert_same(program, input: <<"bad ", 255, "\n">>)
    end

    test "input and print in a terminal" do
      program = """
      import os, sys
      print(sys.stdin.isatty(), sys.stdout.isatty(), sys.stderr.isatty(), os.get_terminal_size().columns >= 0)
      print("no newline", end=" ")
      name = input("name? ")
      print("hello", name)
      print(repr(sys.stdin.readline()))
      try:
          input("end? ")
      except EOFError:
          print("EOFError")
      print("last")
      """

      # Behind the end of the line, which the terminal would show in its middle else.
      hello = {"hello größe\r\n", :type, "second\n"}
      on = [{"name? ", :type, "größe\n"}, hello, {"end? ", :type, "\x04"}]
      result = assert_same(program, pty: true, on: on)
      assert result.status == 0
      assert result.out =~ "hello größe"
    end

    @tag :slow
    test "text that is not ASCII in the C locale and others" do
      program = """
      import sys
      print("größe 日本 😀", ascii(sys.argv), sys.stdout.encoding, sys.stdout.errors, sys.flags.utf8_mode)
      print("größe", file=sys.stderr)
      open("größe.txt", "w").write("ü")
      """

      for env <- [
            [{"LANG", "C"}, {"LC_ALL", nil}, {"LC_CTYPE", nil}],
            [{"LC_ALL", "C"}],
            [{"LC_ALL", "POSIX"}],
            [{"LC_ALL", "C.UTF-8"}],
            [{"LC_ALL", nil}, {"LANG", nil}, {"LC_CTYPE", nil}],
            [{"LC_ALL", "C"}, {"PYTHONIOENCODING", "ascii:replace"}],
            [{"LC_ALL", "C"}, {"PYTHONCOERCECLOCALE", "0"}, {"PYTHONUTF8", "0"}]
          ] do
        {python, rebeam} =
          Program.both("main.py",
            env: env,
            args: ["ü"],
            cd: Program.folder(%{"main.py" => program})
          )

        assert {env, rebeam} == {env, python}
      end
    end

    @tag :slow
    test "-m with a module, a package, and what is not there" do
      files = %{
        "tool.py" =>
          "import sys; print(__name__, sys.argv[1:], __file__, sys.path[0], __spec__.name)",
        "package/__init__.py" => "print('init', __name__)",
        "package/__main__.py" =>
          "import sys; print(__name__, __package__, sys.argv[1:]); sys.exit(4)",
        "fails.py" => "1 / 0\n"
      }

      for {name, status} <- [
            {"tool", 0},
            {"package", 4},
            {"nowhere", 1},
            {"fails", 1},
            {"json.tool", 0}
          ] do
        options = [
          target: {:module, name},
          args: if(name == "json.tool", do: [], else: ["a"]),
          files: files,
          input: ~s({"a": 1})
        ]

        result = assert_same("", options)
        assert {name, result.status} == {name, status}
      end
    end

    @tag :slow
    test "unittest.main and doctest" do
      folder = Program.folder(%{"main.py" => "program/plain_script/unittest_main_and_doctest.py"})
      {python, rebeam} = Program.both("main.py", cd: folder)
      time = &String.replace(&1, ~r/in [\d.]+s/, "in s")
      assert python.status == 1
      assert %{rebeam | err: time.(rebeam.err)} == %{python | err: time.(python.err)}
    end

    test "logging and warnings" do
      program = """
      import logging, sys, warnings
      logging.basicConfig(format="%(levelname)s %(name)s %(funcName)s %(lineno)d %(threadName)s %(message)s", level="INFO")
      def work():
          logging.info("größe %s", 1)
          try:
              1 / 0
          except ZeroDivisionError:
              logging.exception("failed")
          warnings.warn("careful")
          warnings.warn("deprecated", DeprecationWarning, stacklevel=2)
      work()
      logging.getLogger("a.b").warning("named")
      """

      assert %{status: 0} = assert_same(program)
    end

    @tag :slow
    test "generators, asyncio, contextvars, dataclasses, enums, pickle" do
      assert %{status: 0, err: ""} =
               assert_same("program/plain_script/generators_asyncio_contextvars_dataclasses.py")
    end

    @tag :slow
    test "a module that changes its own source's neighbours: import, reload, inspect" do
      program = """
      import importlib, inspect, linecache, sys
      import beside
      from package import inner
      print(beside.value(), inner.name, inner.__package__, sorted(package_names()) if False else "")
      print(inspect.getsource(beside.value))
      open("beside.py", "w").write("def value():\\n    return 'changed, and longer'\\n")
      importlib.invalidate_caches()
      print(importlib.reload(beside).value())
      print(inspect.getsource(run) if "run" in globals() else inspect.getsourcefile(beside).endswith("beside.py"))
      try:
          import nowhere
      except ModuleNotFoundError as error:
          print(error, error.name)
      """

      files = %{
        "beside.py" => "def value():\n    return 'first'\n",
        "package/__init__.py" => "",
        "package/inner.py" => "from . import __name__ as name\n"
      }

      run =
        &Program.run("main.py", via: &1, cd: Program.folder(Map.put(files, "main.py", program)))

      assert run.(:vm) == run.(:python)
    end
  end

  test "os.fork is refused with a clear error" do
    program = """
    import os
    try:
        pid = os.fork()
    except (RuntimeError, OSError) as error:
        print("refused", error)
    else:
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        print("forked")
    """

    assert ["refused " <> _] = Program.lines!(program)
  end

  test "a script that is not there, and one that cannot be read" do
    result = Program.run("/nowhere/at_all.py")
    assert %{status: 2, out: ""} = result
    assert [line] = String.split(result.err, "\n", trim: true)
    assert line =~ "/nowhere/at_all.py"
  end
end

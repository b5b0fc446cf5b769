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
      print(type(__loader__).__name__, __builtins__.__name__, __package__, __cached__)
      """

      files = %{"beside.py" => ""}
      result = assert_same(program, args: ["a b", "--help", "ü", ""], files: files)
      assert %{status: 0, err: ""} = result
      assert result.out =~ "['main.py', 'a b', '--help', 'ü', '']"
    end

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

    test "recursion, notes and groups in tracebacks" do
      assert %{status: 1} = assert_same("def f(n):\n    return f(n + 1)\nf(0)\n")

      assert %{status: 1} =
               assert_same("""
               error = ExceptionGroup("several", [ValueError(1), KeyError("k")])
               error.add_note("a note")
               raise error
               """)
    end

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

    test "atexit, threads that outlive main, and what is flushed" do
      program = """
      import atexit, sys, threading, time, weakref
      def late():
          time.sleep(0.2)
          print("thread is done")
      class Closing:
          def __del__(self):
              print("deleted")
      atexit.register(print, "atexit 1")
      @atexit.register
      def second():
          print("atexit 2", threading.active_count())
      threading.Thread(target=late).start()
      threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
      kept = open("written", "w")
      kept.write("flushed")
      sys.stderr.write("no newline")
      it = Closing()
      del it
      print("main is done")
      """

      result = assert_same(program)
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
      program = """
      import sys, threading
      def run(function, name):
          thread = threading.Thread(target=function, name=name)
          thread.start()
          thread.join()
      run(lambda: 1 / 0, "divides")
      run(lambda: sys.exit(5), "exits")
      threading.excepthook = lambda args: print("hook", args.exc_type.__name__, args.thread.name)
      run(lambda: {}["x"], "looks up")
      local = threading.local()
      local.x = 1
      run(lambda: print(hasattr(local, "x")), "local")
      results = []
      threads = [threading.Thread(target=lambda n=n: results.append(n * n)) for n in range(50)]
      [each.start() for each in threads]
      [each.join() for each in threads]
      print(sorted(results) == [n * n for n in range(50)])
      """

      assert %{status: 0} = assert_same(program)
    end

    test "subprocess, os and shell" do
      program = """
      import os, signal, subprocess, sys
      print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, text=True))
      print(subprocess.check_output([sys.executable, "-c", "import sys; print(sys.argv, sys.path[0] == '')", "x"]))
      child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
      print(child.communicate(b"through cat"), child.returncode)
      print(os.system("exit 4"), os.popen("echo popen").read(), end="", flush=True)
      child = subprocess.Popen(["sleep", "100"])
      child.terminate()
      print(child.wait())
      mask = "import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, []))"
      print(subprocess.check_output([sys.executable, "-c", mask]))
      ignored = "import signal; print([n for n in range(1, 65) if n in signal.valid_signals() and signal.getsignal(n) == signal.SIG_IGN])"
      print(subprocess.check_output([sys.executable, "-c", ignored]))
      fds = "import os; print(sorted(os.listdir('/proc/self/fd')))"
      print(subprocess.check_output([sys.executable, "-c", fds], close_fds=False))
      print(subprocess.run("cat", input="", text=True, shell=True).returncode, os.getppid() > 0)
      """

      assert %{status: 0} = assert_same(program)
    end

    test "multiprocessing with spawn, concurrent.futures" do
      program = """
      import concurrent.futures, multiprocessing, os
      def square(n):
          return n * n, os.getpid() != os.getppid()
      if __name__ == "__main__":
          multiprocessing.set_start_method("spawn")
          with multiprocessing.Pool(2) as pool:
              print(pool.map(square, range(4)))
          queue = multiprocessing.Queue()
          process = multiprocessing.Process(target=queue.put, args=({"a": [1]},))
          process.start()
          print(queue.get(timeout=60))
          process.join()
          print(process.exitcode)
          with concurrent.futures.ProcessPoolExecutor(1) as executor:
              print(list(executor.map(square, [5])))
          with concurrent.futures.ThreadPoolExecutor(4) as executor:
              print(list(executor.map(abs, [-1, -2])))
      """

      assert %{status: 0, err: ""} = assert_same(program)
    end

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

      on = [{"name? ", :type, "größe\n"}, {"hello", :type, "second\n"}, {"end? ", :type, "\x04"}]
      result = assert_same(program, pty: true, on: on)
      assert result.status == 0
      assert result.out =~ "hello größe"
    end

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

    test "unittest.main and doctest" do
      program = """
      import doctest, io, unittest
      def add(a, b):
          \"\"\"
          >>> add(1, 2)
          3
          \"\"\"
          return a + b
      class Tests(unittest.TestCase):
          def test_right(self):
              self.assertEqual(add(1, 1), 2)
          def test_wrong(self):
              self.assertEqual([1, 2], [1, 3])
          @unittest.skip("why")
          def test_skipped(self):
              pass
      if __name__ == "__main__":
          print(doctest.testmod())
          unittest.main(verbosity=2)
      """

      folder = Program.folder(%{"main.py" => program})
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

    test "generators, asyncio, contextvars, dataclasses, enums, pickle" do
      program = """
      import asyncio, contextvars, dataclasses, enum, functools, itertools, json, pickle, re, time
      variable = contextvars.ContextVar("variable", default=0)
      def numbers():
          try:
              while True:
                  got = yield variable.get()
                  print("got", got)
          finally:
              print("closed")
      async def worker(n):
          variable.set(n)
          await asyncio.sleep(0.01 * n)
          return n, variable.get()
      async def main():
          print(await asyncio.gather(*[worker(n) for n in range(3)]))
          async with asyncio.timeout(60):
              print(await asyncio.to_thread(time.sleep, 0))
          process = await asyncio.create_subprocess_exec("echo", "sub", stdout=asyncio.subprocess.PIPE)
          print(await process.communicate())
          try:
              await asyncio.wait_for(asyncio.sleep(100), 0.01)
          except TimeoutError:
              print("timeout")
      @dataclasses.dataclass(order=True)
      class Point:
          x: int
          y: int = 0
      class Color(enum.Enum):
          RED = "red"
      def run():
          steps = numbers()
          print(next(steps), steps.send("x"))
          steps.close()
          asyncio.run(main())
          print(pickle.loads(pickle.dumps([Point(1), Color.RED])), Point.__module__, sorted([Point(2), Point(1)]))
          print(json.dumps({"a": [1, 2.5, None]}, indent=1), re.findall(r"\\w+", "a b"))
          match Point(1, 2):
              case Point(x=1, y=y):
                  print("matched", y)
      if __name__ == "__main__":
          run()
      """

      assert %{status: 0, err: ""} = assert_same(program)
    end

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

defmodule Rebeam.Program.Crash.ChildProcessTest do
  # Child processes that actors start, in plain and async handlers; those of a body are in
  # test/rebeam/program/plain_script_test.exs. What they inherit, how they end, that none is left.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # `deed`s run in the body, in a plain and in an async handler, suspended and on a worker.
  @prelude """
  import asyncio, concurrent.futures, json, multiprocessing, os, pty, signal, subprocess, sys
  import threading, time
  from rebeam import *

  deeds = {}
  def deed(function):
      deeds[function.__name__] = function
      return function

  class Doer(GenPy):
      name = "doer"
      @receive("plain")
      def plain(self, message):
          sleep(0)
          return deeds[message]()
      @receive("async")
      async def in_asyncio(self, message):
          await asyncio.sleep(0)
          return deeds[message]()
      @receive("async deed")
      async def async_deed(self, message):
          return await deeds[message]()

  def everywhere(name):
      results = [deeds[name]()]
      for subject in ("plain", "async", "plain"):
          status, response = call("doer", subject, name, timeout=60)
          results.append(response if status else str(response).strip().splitlines()[-1])
      first = results[0]
      print(name, first if all(each == first for each in results) else results, flush=True)

  # Our children: those that run, and those that nobody waited for.
  def children():
      found = []
      for pid in filter(str.isdigit, os.listdir("/proc")):
          try:
              with open(f"/proc/{pid}/stat") as file:
                  name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
          except OSError:
              continue
          state, parent = rest.split()[:2]
          if int(parent) == os.getpid() and name != "erl_child_setup":
              found.append((name, state))
      return found

  def no_children(seconds=10):
      end = time.monotonic() + seconds
      while children() and time.monotonic() < end:
          time.sleep(0.01)
      print("children", children())
  """

  defp lines(program, options \\ []) do
    Program.lines!(@prelude <> "run_register_process(Doer)\n" <> program, options)
  end

  test "subprocess: run, Popen, pipes, timeouts, check, statuses" do
    program = """
    @deed
    def output():
        done = subprocess.run(["sh", "-c", "cat; echo err >&2; exit 3"], input="in", capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr
    @deed
    def check():
        try:
            subprocess.run(["sh", "-c", "kill -9 $$"], check=True)
        except subprocess.CalledProcessError as error:
            return error.returncode
    @deed
    def timeout():
        try:
            subprocess.run(["sleep", "1000"], timeout=0.1)
        except subprocess.TimeoutExpired as error:
            return round(error.timeout, 1)
    @deed
    def pipes():
        first = subprocess.Popen(["printf", "b\\na\\n"], stdout=subprocess.PIPE)
        second = subprocess.Popen(["sort"], stdin=first.stdout, stdout=subprocess.PIPE)
        first.stdout.close()
        return second.communicate()[0], second.wait(), first.wait()
    @deed
    def terminated():
        with subprocess.Popen(["sleep", "1000"]) as process:
            polled = process.poll()
            process.terminate()
            return polled, process.wait(10)
    @deed
    def large():
        return len(subprocess.run(["head", "-c", "10000000", "/dev/zero"], stdout=subprocess.PIPE).stdout)
    @deed
    def missing():
        try:
            subprocess.run(["/nowhere/at/all"])
        except FileNotFoundError as error:
            return error.filename
    def popen(command):
        with os.popen(command) as output:
            return output.read()
    @deed
    def shells():
        return os.system("exit 4"), popen("echo popen")
    @deed
    def spawned():
        pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 5"], os.environ)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    for name in list(deeds):
        everywhere(name)
    no_children()
    """

    assert lines(program) == [
             "output (3, 'in', 'err\\n')",
             "check -9",
             "timeout 0.1",
             "pipes (b'a\\nb\\n', 0, 0)",
             "terminated (None, -15)",
             "large 10000000",
             "missing /nowhere/at/all",
             "shells (1024, 'popen\\n')",
             "spawned 5",
             "children []"
           ]
  end

  test "a child finds the signals, descriptors and input that it would under python" do
    program = """
    report = r'''
    import json, os, signal
    print(json.dumps([
        sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        [n for n in range(1, 65) if n in signal.valid_signals() and signal.getsignal(n) == signal.SIG_IGN],
        sorted(int(each) for each in os.listdir("/proc/self/fd"))[:-1],
        os.readlink("/proc/self/fd/0").split(":")[0],
        sorted(each for each in os.environ if each.startswith(("ERL", "BINDIR", "ROOTDIR", "EMU", "PROGNAME"))),
        os.nice(0), os.getpgid(0) == os.getpgid(os.getppid()), os.getsid(0) == os.getsid(os.getppid()),
    ]))
    '''
    @deed
    def inherited():
        run = lambda **more: subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, **more).stdout
        return [run(), run(close_fds=False), run(stdin=subprocess.DEVNULL)]
    everywhere("inherited")
    no_children()
    """

    assert [seen, "children []"] = lines(program)
    plain = ~s([[], [13, 25], [0, 1, 2], \"pipe\", [], 0, true, true])
    null = ~s([[], [13, 25], [0, 1, 2], \"/dev/null\", [], 0, true, true])

    assert seen |> String.replace("\\n", "") ==
             "inherited " <> "['#{plain}', '#{plain}', '#{null}']"
  end

  test "many at a time, from many actors" do
    program = """
    class Runner(GenPy):
        @receive("run")
        def run(self, message):
            return subprocess.run(["sh", "-c", f"echo {message}; exit {message % 7}"], capture_output=True).returncode
        @receive("run async")
        async def run_async(self, message):
            process = await asyncio.create_subprocess_exec("sh", "-c", f"echo {message}", stdout=asyncio.subprocess.PIPE)
            out, _ = await process.communicate()
            return int(out)
    runners = [run_register_process(Runner) for _ in range(20)]
    answers = call_many([(runners[n % 20], "run", n) for n in range(200)], timeout=120)
    print([response for _, response in answers] == [n % 7 for n in range(200)])
    answers = call_many([(runners[n % 20], "run async", n) for n in range(100)], timeout=120)
    print([response for _, response in answers] == list(range(100)))
    no_children()
    """

    assert lines(program) == ["True", "True", "children []"]
  end

  test "asyncio: communicate, streams, kill, a timeout, cancelling, the actor's end" do
    program = """
    @deed
    async def communicate():
        process = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
        return (await process.communicate(b"text"))[0], process.returncode
    @deed
    async def shell():
        process = await asyncio.create_subprocess_shell("read x; echo got $x", stdin=-1, stdout=-1)
        process.stdin.write(b"line\\n")
        return await process.stdout.readline(), await process.wait()
    @deed
    async def killed():
        process = await asyncio.create_subprocess_exec("sleep", "1000")
        process.kill()
        return await process.wait()
    @deed
    async def timeout():
        process = await asyncio.create_subprocess_exec("sleep", "1000")
        try:
            await asyncio.wait_for(process.wait(), 0.1)
        except TimeoutError:
            process.terminate()
            return "timeout", await process.wait()
    @deed
    async def gathered():
        async def one(n):
            process = await asyncio.create_subprocess_exec("sh", "-c", f"exit {n}")
            return await process.wait()
        return await asyncio.gather(*map(one, range(20)))
    for name in list(deeds):
        print(name, call("doer", "async deed", name, timeout=60)[1])
    @deed
    async def cancelled():
        process = await asyncio.create_subprocess_exec("sleep", "1000")
        try:
            await process.wait()
        finally:
            process.kill()
            await process.wait()
    cast("doer", "async deed", "cancelled")
    while not children():
        time.sleep(0.01)
    exit(whereis("doer"), "kill")
    no_children()
    """

    assert lines(program) == [
             "communicate (b'text', 0)",
             "shell (b'got line\\n', 0)",
             "killed -9",
             "timeout ('timeout', -15)",
             "gathered #{inspect(Enum.to_list(0..19), charlists: :as_lists)}",
             "children []"
           ]
  end

  for method <- ~w(spawn forkserver) do
    test "multiprocessing with #{method}: Process, Pool, Queue, Pipe, Manager, a pool of futures" do
      program = """
          context = multiprocessing.get_context("#{unquote(method)}")
          @deed
          def process():
              queue = context.Queue()
              child = context.Process(target=fill, args=(queue, 3))
              child.start()
              got = [queue.get(timeout=60) for _ in range(3)]
              child.join()
              return got, child.exitcode
          @deed
          def failing():
              child = context.Process(target=sys.exit, args=(7,))
              child.start()
              child.join()
              return child.exitcode
          @deed
          def pool():
              with context.Pool(2) as workers:
                  return workers.map(square, range(5))
          @deed
          def pipe():
              here, there = context.Pipe()
              child = context.Process(target=echo, args=(there,))
              child.start()
              here.send({"a": [1]})
              got = here.recv()
              child.join()
              return got
          @deed
          def manager():
              with context.Manager() as made:
                  table = made.dict(a=1)
                  child = context.Process(target=update, args=(table,))
                  child.start()
                  child.join()
                  return dict(table)
          @deed
          def futures():
              with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
                  return list(executor.map(square, range(5)))
          for name in list(deeds):
              everywhere(name)
          multiprocessing.active_children()
          if "#{unquote(method)}" == "forkserver":
              multiprocessing.forkserver._forkserver._stop()
          multiprocessing.resource_tracker._resource_tracker._stop()
          no_children()
      """

      functions = """
      def square(n): return n * n
      def echo(pipe): pipe.send(pipe.recv())
      def update(table): table["b"] = 2
      def fill(queue, n):
          for each in range(n):
              queue.put((each, "x" * each))
      """

      source =
        @prelude <>
          functions <> "if __name__ == '__main__':\n    run_register_process(Doer)\n" <> program

      result = Program.run(source, limit: 180)
      assert %{status: 0, err: ""} = result

      assert String.split(result.out, "\n", trim: true) == [
               "process ([(0, ''), (1, 'x'), (2, 'xx')], 0)",
               "failing 7",
               "pool [0, 1, 4, 9, 16]",
               "pipe {'a': [1]}",
               "manager {'a': 1, 'b': 2}",
               "futures [0, 1, 4, 9, 16]",
               "children []"
             ]
    end
  end

  test "fork is refused, with what to do instead, and nothing hangs" do
    program = """
    refused = []
    def attempt(function):
        try:
            function()
        except RuntimeError as error:
            text = str(error)
            return "fork would copy the Erlang VM" in text and "'spawn'" in text
        return "not refused"
    @deed
    def fork():
        return attempt(os.fork)
    @deed
    def forkpty():
        return attempt(os.forkpty)
    @deed
    def pty_fork():
        return attempt(pty.fork)
    @deed
    def pty_spawn():
        return attempt(lambda: pty.spawn(["true"]))
    @deed
    def process():
        return attempt(multiprocessing.get_context("fork").Process(target=print).start)
    @deed
    def pool():
        return attempt(lambda: multiprocessing.get_context("fork").Pool(2))
    @deed
    def futures():
        def submit():
            with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as executor:
                executor.submit(abs, 1).result(10)
        return attempt(submit)
    @deed
    def hook():
        return attempt(lambda: subprocess.run(["true"], preexec_fn=lambda: None)) in (True, "not refused")
    for name in list(deeds):
        everywhere(name)
    no_children()
    """

    names = ~w(fork forkpty pty_fork pty_spawn process pool futures hook)
    assert lines(program) == Enum.map(names, &"#{&1} True") ++ ["children []"]
  end

  test "futures on threads, from handlers" do
    program = """
    @deed
    def threads():
        with concurrent.futures.ThreadPoolExecutor(4) as executor:
            running = [executor.submit(subprocess.run, ["sh", "-c", f"exit {n}"]) for n in range(8)]
            return [each.result(60).returncode for each in running]
    everywhere("threads")
    @deed
    async def in_threads():
        done = await asyncio.gather(*(asyncio.to_thread(subprocess.run, ["sh", "-c", f"exit {n}"]) for n in range(8)))
        return [each.returncode for each in done]
    print(call("doer", "async deed", "in_threads")[1])
    no_children()
    """

    assert lines(program) == [
             "threads [0, 1, 2, 3, 4, 5, 6, 7]",
             "[0, 1, 2, 3, 4, 5, 6, 7]",
             "children []"
           ]
  end

  test "SIGCHLD reaches a handler of the user's, and children are waited for all the same" do
    program = """
    seen = []
    signal.signal(signal.SIGCHLD, lambda number, frame: seen.append(number))
    @deed
    def run():
        return subprocess.run(["sh", "-c", "exit 2"]).returncode
    everywhere("run")
    time.sleep(0.2)
    print(len(seen) > 0, set(seen) == {signal.SIGCHLD})
    no_children()
    """

    assert lines(program) == ["run 2", "True True", "children []"]
  end

  test "a killed actor's child is the user's: it runs on until it is ended, or its input is" do
    program = """
    @deed
    def wait():
        global process
        process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
        process.wait()
    cast("doer", "plain", "wait")
    while not children():
        time.sleep(0.01)
    exit(whereis("doer"), "kill")
    time.sleep(0.2)
    print(children())
    process.stdin.close()
    print(process.wait(10))
    no_children()
    """

    assert lines(program) == ["[('cat', 'S')]", "0", "children []"]
  end
end

# What is fatal, and what is not: one row a case, each a program in a fresh OS process.
#
#   {name, source, options, status, out, err}
#
# `options` are those of Rebeam.Program, `status` is the exit status or the name of the signal
# that ended it; "SIGSEGV or 139" style statuses are lists. `out` and `err` are the lines of
# standard output and error, each a text that the line equals or a regex that it matches.
# `:any` leaves standard error unchecked.
defmodule Crash.Cases do
  @moduledoc false

  alias Rebeam.Program

  @segfault """
  @deed
  def segfault():
      ctypes.string_at(0)
  """

  @doc "All rows."
  def rows, do: fatal() ++ told() ++ survived() ++ isolated() ++ from_outside()

  defp fatal do
    [
      {"a segmentation fault in a handler ends the program", @segfault <> drive("segfault"), [],
       "SIGSEGV", ["before"], []},
      {"and in an async handler", @segfault <> "program(lambda: asked('segfault', 'do async'))\n",
       [], "SIGSEGV", ["before"], []},
      {"and in the body", "print('before', flush=True)\nctypes.string_at(0)\n", [], "SIGSEGV",
       ["before"], []},
      {"and on a thread of the user's",
       """
       print("before", flush=True)
       threading.Thread(target=lambda: ctypes.string_at(0)).start()
       """, [], "SIGSEGV", ["before"], []},
      {"os.abort in a handler", "deed(os.abort)\n" <> drive("abort"), [], "SIGABRT", ["before"],
       []},
      {"os._exit(7) in a handler: that status, and nothing is flushed",
       """
       @deed
       def leave():
           print("not flushed", end="")
           os._exit(7)
       """ <> drive("leave"), [], 7, ["before"], []},
      {"the stack of C is used up by C alone",
       """
       @deed
       def overflow():
           ctypes.CDLL(None).regcomp(ctypes.create_string_buffer(1024), b"(" * 4_000_000, 1)
       """ <> drive("overflow"), [], "SIGSEGV", ["before"], []}
    ]
  end

  # What says where it was.
  defp told do
    [
      {"faulthandler of the environment: the traceback of a handler's fault",
       @segfault <> drive("segfault"), [env: [{"PYTHONFAULTHANDLER", "1"}]], "SIGSEGV",
       ["before"], fault("Segmentation fault", "segfault")},
      {"faulthandler.enable() in the body, a fault in an async handler",
       "faulthandler.enable()\n" <>
         @segfault <> "program(lambda: asked('segfault', 'do async'))\n", [], "SIGSEGV",
       ["before"], fault("Segmentation fault", "segfault")},
      {"faulthandler and os.abort", "@deed\ndef leave():\n    os.abort()\n" <> drive("leave"),
       [env: [{"PYTHONFAULTHANDLER", "1"}]], "SIGABRT", ["before"], fault("Aborted", "leave")},
      {"faulthandler and the overflow of a stack",
       """
       @deed
       def overflow():
           ctypes.CDLL(None).regcomp(ctypes.create_string_buffer(1024), b"(" * 4_000_000, 1)
       """ <> drive("overflow"), [env: [{"PYTHONFAULTHANDLER", "1"}]], "SIGSEGV", ["before"],
       fault("Segmentation fault", "overflow")},
      {"faulthandler.dump_traceback_later tells what hangs, and ends the program",
       """
       @deed
       def hang():
           faulthandler.dump_traceback_later(0.3, exit=True)
           ctypes.CDLL(None).sleep(100)
       """ <> drive("hang"), [], 1, ["before"],
       [~r/^Timeout \(0:00:00.3/, ~r/main.py", line \d+ in hang$/]}
    ]
  end

  # One more crash, that a supervisor handles.
  defp survived do
    [
      {"recursion without end, in Python",
       """
       @deed
       def recurse():
           return recurse()
       """ <> drive("recurse"), [], 0, ["before", "down RecursionError ok 1"], :any},
      {"recursion through C: a sort key, repr, a class's call, map",
       """
       @deed
       def key():
           return sorted([1], key=lambda _: key())
       class Again:
           def __repr__(self):
               return repr([self])
           def __call__(self):
               return max(map(type(self).__call__, [self]))
       deeds["repr"] = lambda: repr(Again())
       deeds["call"] = Again()
       def all():
           for name in ("key", "repr", "call"):
               asked(name)
       program(all)
       """, [], 0, Enum.flat_map(1..3, &["before", "down RecursionError ok #{&1}"]), :any},
      # What is raised in a callback is reported, or not, as deep as that; C goes on.
      {"recursion through callbacks of ctypes",
       """
       @deed
       def callbacks():
           kind = ctypes.CFUNCTYPE(None)
           again = kind(lambda: again())
           again()
           return "went on"
       """ <> drive("callbacks"), [], 0, ["before", "ok went on ok 1"], :any},
      {"memory that there is not",
       """
       @deed
       def memory():
           return bytes(1 << 60)
       """ <> drive("memory"), [], 0, ["before", "down MemoryError ok 1"], :any},
      {"memory that is used up, under a limit, again and again",
       """
       import resource
       @deed
       def memory():
           kept = []
           while True:
               kept.append(bytearray(64 << 20))
       def limited():
           with open("/proc/self/statm") as file:
               used = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
           resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), resource.RLIM_INFINITY))
           for _ in range(3):
               asked("memory")
       program(limited)
       """, [], 0, Enum.flat_map(1..3, &["before", "down MemoryError ok #{&1}"]), :any},
      {"setgid, which the C library has all threads do",
       """
       @deed
       def identity():
           os.setegid(os.getegid())
           os.seteuid(os.geteuid())
           return "done"
       """ <> drive("identity"), [], 0, ["before", "ok done ok 1"], []},
      {"a segmentation fault of a child process is its own",
       """
       @deed
       def child_process():
           return subprocess.run([sys.executable, "-c", "import os; os.abort()"]).returncode
       """ <> drive("child_process"), [], 0, ["before", "ok -6 ok 1"], []}
    ]
  end

  # What is fatal, in a unit: one crash more, that a supervisor handles.
  defp isolated do
    overflow = """
    @deed
    def overflow():
        ctypes.CDLL(None).regcomp(ctypes.create_string_buffer(1024), b"(" * 4_000_000, 1)
    """

    killed = """
    @deed
    def killed():
        os.kill(os.getpid(), signal.SIGKILL)
    """

    thread = """
    @deed
    def thread():
        threading.Thread(target=lambda: ctypes.string_at(0)).start()
        time.sleep(60)
    """

    segfault = "was killed by signal 11 \\(SIGSEGV\\)"

    for {what, source, drive, how} <- [
          {"a segmentation fault", @segfault, drive("segfault"), segfault},
          {"one in an async handler", @segfault,
           "program(lambda: asked('segfault', 'do async'))\n", segfault},
          {"one on a thread of the user's", thread, drive("thread"), segfault},
          {"os.abort", "deed(os.abort)\n", drive("abort"), "was killed by signal 6"},
          {"os._exit(7)", "@deed\ndef leave():\n    os._exit(7)\n", drive("leave"),
           "ended with status 7"},
          {"the stack of C used up", overflow, drive("overflow"), segfault},
          {"kill -9", killed, drive("killed"), "was killed by signal 9"}
        ] do
      {"in a process unit: #{what}", source <> drive,
       [options: ~w(--isolation process --workers 2)], 0, ["before", "down noconnection ok 1"],
       [~r/process unit \d \(OS process \d+\) #{how}/]}
    end
  end

  defp from_outside do
    waiting = """
    @deed
    def wait():
        print("waits", flush=True)
        time.sleep(1000)
    """

    for {signal, name} <- [{"SIGKILL", "kill -9"}, {"SIGSEGV", "SIGSEGV"}, {"SIGABRT", "SIGABRT"}] do
      {"#{name} from outside", waiting <> drive("wait"), [on: [{"waits", :signal, signal}]],
       signal, ["before", "waits"], []}
    end ++
      [
        {"SIGSEGV from outside, with faulthandler", waiting <> drive("wait"),
         [on: [{"waits", :signal, "SIGSEGV"}], env: [{"PYTHONFAULTHANDLER", "1"}]], "SIGSEGV",
         ["before", "waits"], [~r/^Fatal Python error: Segmentation fault$/]},
        # multiprocessing's own tracker may still find time to warn.
        {"kill -9 leaves no process: of ours, or that waits for our end of a pipe",
         """
         import multiprocessing
         @deed
         def start():
             global pool, cat
             pool = multiprocessing.get_context("spawn").Pool(2)
             cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
             print(pool.map(abs, [-1, -2]), flush=True)
             time.sleep(1000)
         """ <> "if __name__ == '__main__':\n    program(lambda: asked('start'))\n",
         [on: [{"[1, 2]", :signal, "SIGKILL"}]], "SIGKILL", ["before", "[1, 2]"], :any}
      ]
  end

  defp fault(what, function) do
    [
      ~r/^Fatal Python error: #{what}$/,
      ~r/^Current thread/,
      ~r/main.py", line \d+ in #{function}$/
    ]
  end

  defp drive(name), do: "program(lambda: asked('#{name}'))\n"

  @doc "The program of a row: in one piece, as units make its `__main__` again."
  def program(source), do: Program.source("program/crash/cases/bad.py") <> source
end

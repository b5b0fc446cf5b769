defmodule Rebeam.Trees.ChildrenTest do
  # The tree changed at run time: from functions, from handlers, from @start and @stop.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @worker """
  import sys, threading, time
  from rebeam import *

  class Worker(GenPy):
      def __init__(self, name=None, kids=()):
          if name:
              self.name = name
          self.kids = kids
      @start()
      def boot(self):
          for kid in self.kids:
              start_child("top", child(Worker(), id=kid))
      @receive("crash")
      def crash(self):
          raise ValueError("on purpose")
      @receive("there")
      def there(self):
          return self_pid()
      @receive("do")
      def do(self, message):
          function, *arguments = message
          return globals()[function](*arguments)

  class Bad(GenPy):
      @start()
      def boot(self):
          raise KeyError("no start")

  def said(function):
      try:
          return function()
      except Exception as error:
          return f"{type(error).__name__} {str(error).strip().splitlines()[-1]}"

  def ids(sup):
      return [each.id for each in which_children(sup)]

  def again(name, old):
      end = time.monotonic() + 60
      while time.monotonic() < end:
          status, pid = call(name, "there")
          if status and pid != old:
              return pid
          sleep(0.01)
      print("not restarted:", name)

  def last(function):
      return child(function, restart="transient", significant=True)
  """

  defp run(program, options \\ []), do: Program.run(@worker <> program, options)

  defp lines!(program) do
    result = run(program)
    assert result.status == 0, result.err
    String.split(result.out, "\n", trim: true)
  end

  test "start, list, count, terminate, restart, delete" do
    lines =
      lines!("""
      def drive():
          pid = start_child("top", Worker("b"))
          print(pid == whereis("b"), ids("top"))
          print(which_children("top")[2] == ("b", pid, "worker", "running"))
          print(count_children("top"))
          print(terminate_child("top", "b"), which_children("top")[2])
          print(whereis("b"), count_children("top"))
          new = restart_child("top", "b")
          print(new == whereis("b"), new != pid)
          print(terminate_child("top", new), delete_child("top", "b"), ids("top"))
          tree = start_child("top", Supervisor([Worker("c"), Worker()], name="inner"))
          print(ids("inner") == ids(tree), ids(tree), which_children("top")[2].kind)
          temporary = start_child("top", child(Worker(), id="temporary", restart="temporary"))
          terminate_child("top", temporary)
          print(ids("top"), count_children("top"))
      Supervisor(name="top", modules=[Worker("a"), last(drive)])
      """)

    assert lines == [
             "True ['a', 'drive', 'b']",
             "True",
             "{'active': 3, 'specs': 3, 'supervisors': 0, 'workers': 3}",
             "None ChildInfo(id='b', pid=None, kind='worker', state='stopped')",
             "None {'active': 2, 'specs': 3, 'supervisors': 0, 'workers': 3}",
             "True True",
             "None None ['a', 'drive']",
             "True ['c', 'Worker'] supervisor",
             "['a', 'drive', 'inner'] {'active': 3, 'specs': 3, 'supervisors': 1, 'workers': 2}"
           ]
  end

  test "what is refused, and in which words" do
    lines =
      lines!("""
      def drive():
          top, alone, never = whereis("top"), whereis("alone"), whereis("never")
          start_child(top, child(Worker(), id="x"))
          ended = start_child(top, child(Worker(), id="ended"))
          terminate_child(top, "ended")
          lost = dict(restart="transient", significant=True)
          for function in (
              lambda: start_child(top, child(Worker(), id="x")),
              lambda: start_child(top, child(Worker(), id="ended")),
              lambda: restart_child(top, "x"),
              lambda: delete_child(top, "x"),
              lambda: terminate_child(top, "nobody"),
              lambda: terminate_child(top, ended),
              lambda: restart_child(top, alone),
              lambda: delete_child(top, "nobody"),
              lambda: which_children("nobody"),
              lambda: which_children(("top", "no@where")),
              lambda: which_children(alone),
              lambda: which_children(17),
              lambda: terminate_child(top, 17),
              lambda: start_child(top, "nowhere.py"),
              lambda: start_child(never, child(Worker(), **lost)),
              lambda: start_child(top, Worker("alone")),
              lambda: start_child(top, child(Supervisor(), name="never")),
          ):
              text = said(function)
              for name in ("top", "alone", "never"):
                  text = text.replace(str(whereis(name)), name.upper())
              print(text.replace(str(ended), "ENDED"))
          print(ids(top))
      Supervisor(name="top", modules=[Worker("alone"), Supervisor(name="never"), last(drive)])
      """)

    assert lines == [
             ~s(RuntimeError already_started: TOP has a child "x", and it runs),
             ~s(RuntimeError already_present: TOP has a child "ended" that was ended: restart it, or delete it first),
             ~s(RuntimeError running: the child "x" of TOP runs: terminate it first),
             ~s(RuntimeError running: the child "x" of TOP runs: terminate it first),
             ~s(LookupError not_found: TOP has no child "nobody"),
             ~s(LookupError not_found: TOP has no child ENDED),
             ~s(RuntimeError running: the child ALONE of TOP runs: terminate it first),
             ~s(LookupError not_found: TOP has no child "nobody"),
             ~s(LookupError noproc: no supervisor "nobody"),
             ~s(LookupError noproc: no supervisor {"top", "no@where"}),
             "TypeError the process ALONE is no supervisor",
             "TypeError a supervisor is a ProcessID, a name or a (name, node) tuple, not 17",
             "TypeError a child is told by its id (str) or its ProcessID, not 17",
             "FileNotFoundError no script 'nowhere.py' (in #{File.cwd!()})",
             ~s(RuntimeError bad_combination: the child "Worker" is significant, but auto_shutdown of NEVER is never),
             "RuntimeError its name is taken by #PIDALONE",
             "RuntimeError its name is taken by #PIDNEVER",
             "['alone', 'never', 'drive', 'x', 'ended']"
           ]
  end

  test "a child without an id gets one that is free" do
    assert lines!("""
           def drive():
               for _ in range(3):
                   start_child("top", Worker())
               terminate_child("top", "Worker#2")
               delete_child("top", "Worker#2")
               start_child("top", Worker)
               print(ids("top"))
           Supervisor(name="top", modules=[Worker, last(drive)])
           """) == ["['Worker', 'drive', 'Worker#3', 'Worker#4', 'Worker#2']"]
  end

  test "a failed start says why, and leaves nothing behind" do
    program = """
    def drive():
        for item in (child(Bad()), Supervisor([Worker("first"), Worker("second"), Bad()], name="inner")):
            for sup in ("top", "dynamic"):
                try:
                    start_child(sup, item)
                except RuntimeError as error:
                    lines = str(error).strip().splitlines()
                    print(lines[0], "/", lines[-1])
        print(ids("top"), ids("dynamic"), [name for name in registered() if name != "rebeam"])
        # Nothing counted as a restart: max_restarts is 0.
    Supervisor(name="top", modules=[DynamicSupervisor("dynamic", max_restarts=0), last(drive)],
               max_restarts=0)
    """

    assert lines!(program) == [
             "Traceback (most recent call last): / KeyError: 'no start'",
             "Traceback (most recent call last): / KeyError: 'no start'",
             "child Bad did not start: Traceback (most recent call last): / KeyError: 'no start'",
             "child Bad did not start: Traceback (most recent call last): / KeyError: 'no start'",
             "['dynamic', 'drive'] [] ['dynamic', 'top']"
           ]
  end

  test "a dynamic supervisor" do
    lines =
      lines!("""
      def forever():
          sleep(1000)
      def drive():
          print(which_children("dynamic"), count_children("dynamic"))
          a = start_child("dynamic", Worker("a"))
          start_child("dynamic", forever)
          b = start_child("dynamic", Supervisor([Worker("b")]))
          print([each[0] for each in which_children("dynamic")], count_children("dynamic"))
          text = said(lambda: start_child("dynamic", Worker("c")))
          print(text.replace(str(whereis("dynamic")), "DYNAMIC"), whereis("c"))
          terminate_child("dynamic", "forever")
          start_child("dynamic", Worker("c"))
          call("a", "crash")
          again("a", a)
          print(sorted(ids("dynamic")), said(lambda: terminate_child("dynamic", a))[:22])
          for verb in (restart_child, delete_child):
              print(said(lambda: verb("dynamic", "c")).split(":")[-1])
          terminate_child("dynamic", "c")
          start_child("dynamic", child(Worker("same"), id="a"))
          print(said(lambda: terminate_child("dynamic", "a")))
          print(said(lambda: start_child("dynamic", child(Worker(), restart="transient", significant=True)))[-39:])
          terminate_child("top", "dynamic")
          print(whereis("a"), whereis("b"), said(lambda: which_children("dynamic")))
      Supervisor(name="top", modules=[DynamicSupervisor(name="dynamic", max_children=3), last(drive)])
      """)

    assert lines == [
             "[] {'active': 0, 'specs': 0, 'supervisors': 0, 'workers': 0}",
             "['a', 'forever', 'Supervisor'] {'active': 3, 'specs': 3, 'supervisors': 1, 'workers': 2}",
             "RuntimeError max_children: DYNAMIC has its 3 children already None",
             "['Supervisor', 'a', 'c'] LookupError not_found:",
             " it forgets children that ended, so none can be restarted or deleted",
             " it forgets children that ended, so none can be restarted or deleted",
             ~s(LookupError 2 children are "a": give the ProcessID),
             "dynamic: none of its children is significant" |> String.slice(-39, 39),
             ~s(None None LookupError noproc: no supervisor "dynamic")
           ]
  end

  test "a dynamic supervisor stands alone, in run_register_process, and gives up" do
    program = """
    def drive():
        pid = run_register_process(DynamicSupervisor(), name="loose")
        worker = start_child("loose", Worker("x"))
        print(pid == whereis("loose"), ids(pid))
        start_child("main", child(Worker("bad"), id="the bad one"))
        cast("bad", "crash")
        sleep(1000)
    DynamicSupervisor(name="main", max_restarts=0)
    Supervisor([drive])
    """

    result = run(program)
    assert %{status: 1, out: "True ['x']\n"} = result

    assert result.err =~
             "the supervision tree gave up: child the bad one failed too often\nTraceback"
  end

  test "an actor changes the tree that it stands in, and itself" do
    lines =
      lines!("""
      def drive():
          for name, *what in (
              ("a", "start_child", "top", child(Worker("c"), id="c")),
              ("a", "terminate_child", "top", "b"),
              ("a", "restart_child", "top", "b"),
              ("c", "terminate_child", "top", "a"),
              ("c", "restart_child", "top", "a"),
              ("a", "ids", "top"),
              ("a", "count_children", "top"),
              ("a", "terminate_child", "top", "a"),
              ("c", "restart_child", "top", "c"),
          ):
              status, value = call(name, "do", what)
              text = value if isinstance(value, (list, dict)) else str(value).strip().splitlines()[-1]
              print(name, what[0], status, str(text).replace("noproc", "shutdown").split(":")[0])
          again("c", None)
          call("c", "do", ("terminate_child", "outer", "top"))
          print([each.state for each in which_children("outer")])
      Supervisor(name="outer", modules=[
          Supervisor(name="top", modules=[Worker("a"), Worker("b")]), last(drive)])
      """)

    # Cut off at once, its caller may get noproc: the process is gone before that is told.
    assert Enum.map(lines, &String.replace(&1, ~r/<[\d.]+>/, "PID")) == [
             "a start_child ok PID",
             "a terminate_child ok None",
             "a restart_child ok PID",
             "c terminate_child ok None",
             "c restart_child ok PID",
             "a ids ok ['a', 'b', 'c']",
             "a count_children ok {'active'",
             "a terminate_child down shutdown",
             "c restart_child down RuntimeError",
             "['stopped', 'running']"
           ]
  end

  test "@start starts siblings; a restart, which the supervisor waits for, is told so" do
    program = """
    def drive():
        start_child("top", Worker("parent", kids=["x", "y"]))
        print(ids("top"))
        start_child("top", child(Supervisor([Worker(None, kids=["z"])]), id="inner"))
        print(ids("top"))
        print(said(lambda: restart_child("top", "z")).split(":")[0])
        old = whereis("parent")
        delete = [terminate_child("top", kid) or delete_child("top", kid) for kid in ("x", "y", "z")]
        cast("parent", "crash")
        sleep(1000)
    Supervisor(name="top", modules=[drive], max_restarts=1)
    """

    result = run(program)
    assert result.status == 1

    assert String.split(result.out, "\n", trim: true) == [
             "['drive', 'parent', 'x', 'y']",
             "['drive', 'parent', 'x', 'y', 'inner', 'z']",
             "RuntimeError running"
           ]

    assert result.err =~ ~s(the supervisor "top" waits for this actor to start or to end)
    assert result.err =~ "rebeam: the supervision tree gave up: child parent failed too often"
  end

  test "a whole tree, starting and ending, cannot be asked for ever" do
    lines =
      lines!("""
      class Asks(GenPy):
          name = "asks"
          @start()
          def boot(self):
              self.ask("start")
          @receive("ask")
          def ask(self, message):
              print(message, *[str(said(lambda: ids(sup)))[:42] for sup in ("inner", "top", "other")])
          @stop()
          def bye(self):
              self.ask("stop")
      def drive():
          call("asks", "ask", "later")
          old = whereis("asks")
          terminate_child("inner", "asks")
          restart_child("inner", "asks")
          terminate_child("top", "inner")
      run_register_process(Supervisor(name="other"))
      Supervisor(name="top", modules=[
          child(Supervisor(name="inner", modules=[child(Asks, id="asks")]), id="inner"), last(drive)])
      """)

    waits = &~s(RuntimeError the supervisor "#{&1}" waits)
    cut = &String.slice(&1, 0, 42)

    {inner, top} =
      {cut.(waits.("inner") <> " for this actor"), cut.(waits.("top") <> " for this actor")}

    assert lines == [
             "start #{inner} #{top} []",
             "later ['asks'] ['inner', 'drive'] []",
             "stop #{inner} ['inner', 'drive'] []",
             "start #{inner} ['inner', 'drive'] []",
             "stop #{inner} #{top} []"
           ]
  end

  test "one object is never two actors" do
    assert lines!("""
           def drive():
               one = Worker()
               print(start_child("top", one) == which_children("top")[-1].pid)
               print(said(lambda: start_child("top", one)))
               print(said(lambda: Supervisor([one])))
               twice = child(Worker("a"))
               first = start_child("top", twice)
               terminate_child("top", first)
               second = start_child("dynamic", twice)
               print(call(second, "there") == ("ok", second), whereis("a") == second)
           Supervisor(name="top", modules=[DynamicSupervisor("dynamic"), last(drive)])
           """) == [
             "True",
             "ValueError this Worker is an actor already: give a new one, its class, or a child(...) that is made once",
             "ValueError this Worker is an actor already: give a new one, its class, or a child(...) that is made once",
             "True True"
           ]
  end

  test "threads and the script's body may ask too" do
    assert lines!("""
           pid = run_register_process(Supervisor([Worker("a")], name="body"))
           print(ids("body"), start_child(pid, Worker("b")) == whereis("b"), count_children(pid)["active"])
           def drive():
               found = []
               def work():
                   start_child("top", Worker("threaded"))
                   found.extend(ids("top"))
               thread = threading.Thread(target=work)
               thread.start()
               thread.join()
               print(found)
               # Where CPython cannot suspend.
               print(sorted(["b", "a"], key=lambda name: str(count_children("body")["active"]) + name))
           Supervisor(name="top", modules=[last(drive)])
           """) == ["['a'] True 2", "['drive', 'threaded']", "['a', 'b']"]
  end

  test "a start that a sibling's crash cuts off is done again; one that was ended is over" do
    assert lines!("""
           class Slow(Worker):
               @start()
               def boot(self):
                   sleep(0.3)
           def job(sup):
               return start_child("jobs", child(lambda: said_so.append(
                   said(lambda: start_child(sup, Slow("slow"))) == whereis("slow")), restart="temporary"))
           said_so = []
           def drive():
               for sup in ("all", "rest"):
                   first = start_child(sup, Worker("first"))
                   running = job(sup)
                   while len(ids(sup)) < 2:
                       sleep(0.01)
                   cast("first", "crash")
                   while running.alive():
                       sleep(0.01)
                   print(ids(sup), said_so.pop(), whereis("first") != first)
                   terminate_child("top", sup)
               running = start_child("jobs", child(
                   lambda: print(said(lambda: start_child("one", Slow("slow")))), restart="temporary"))
               while not ids("one"):
                   sleep(0.01)
               terminate_child("one", "slow")
               while running.alive():
                   sleep(0.01)
               print(ids("one"))
           Supervisor(name="top", modules=[Supervisor(name="one"),
               Supervisor([], ONE_FOR_ALL, name="all"), Supervisor([], REST_FOR_ONE, name="rest"),
               DynamicSupervisor("jobs"), last(drive)])
           """) == [
             "['first', 'slow'] True True",
             "['first', 'slow'] True True",
             "RuntimeError it was ended while it started: shutdown",
             "[]"
           ]
  end

  test "a @start that never ends does not outlast a shutdown" do
    assert lines!("""
           class Never(GenPy):
               @start()
               def boot(self):
                   try:
                       sleep(1e6)
                   finally:
                       print("cut off")
               @stop()
               def bye(self):
                   print("not reached")
           def drive():
               item = child(Never, id="never", shutdown="infinity", backoff=1)
               begin = time.monotonic()
               for sup in ("top", "dynamic"):
                   job = start_child("jobs", child(
                       lambda: print(said(lambda: start_child(sup, item))), restart="temporary"))
                   while not ids(sup)[-1:] == ["never"]:
                       sleep(0.01)
                   terminate_child(sup, "never")
                   while job.alive():
                       sleep(0.01)
               print(time.monotonic() - begin < 60, ids("top"), ids("dynamic"))
           Supervisor(name="top", modules=[DynamicSupervisor("jobs"), DynamicSupervisor("dynamic"), last(drive)])
           """)
           |> Enum.sort() == [
             "RuntimeError it was ended while it started: shutdown",
             "RuntimeError it was ended while it started: shutdown",
             "True ['jobs', 'dynamic', 'drive'] []",
             "cut off",
             "cut off"
           ]
  end

  @tag timeout: 200_000
  test "churn: everything at once, at random, leaves trees that are whole" do
    result = Program.run(Program.path("churn.py"), options: ["--log-level", "none"])
    assert %{status: 0, err: ""} = result
    assert [_, "whole", "baseline"] = String.split(result.out, "\n", trim: true)
  end

  test "many at once: nothing is lost, nothing is left" do
    lines =
      lines!("""
      def work(n):
          def run():
              for i in range(20):
                  sup = ("top", "dynamic")[i % 2]
                  pid = start_child(sup, Worker(f"w{n}-{i}"))
                  assert call(pid, "there") == ("ok", pid)
                  if i % 4 < 2:
                      terminate_child(sup, pid)
          return run
      def drive():
          workers = [start_child("jobs", child(work(n), restart="transient")) for n in range(25)]
          while any(each.alive() for each in workers):
              sleep(0.02)
          names = sorted(each for each in registered() if each[0] == "w")
          print(len(names), names == sorted(f"w{n}-{i}" for n in range(25) for i in range(20) if i % 4 > 1))
          print(count_children("top"), count_children("dynamic")["active"], count_children("jobs"))
      Supervisor(name="all", modules=[Supervisor(name="top"), DynamicSupervisor("dynamic"),
          DynamicSupervisor("jobs"), last(drive)])
      """)

    assert lines == [
             "250 True",
             "{'active': 125, 'specs': 250, 'supervisors': 0, 'workers': 250} 125 {'active': 0, 'specs': 0, 'supervisors': 0, 'workers': 0}"
           ]
  end

  test "what the declarations refuse" do
    lines =
      lines!("""
      last_one = dict(restart="transient", significant=True)
      for function in (
          lambda: Supervisor([child(print, **last_one)], auto_shutdown="never"),
          lambda: Supervisor([], auto_shutdown="sometimes"),
          lambda: DynamicSupervisor(max_children=-1),
          lambda: DynamicSupervisor(max_children="3"),
          lambda: DynamicSupervisor(name=""),
          lambda: child(print, backoff=0),
          lambda: child(print, backoff=(2, 1)),
          lambda: child(print, backoff=(1, 2, 3)),
          lambda: child(print, backoff="1"),
          lambda: child(print, backoff=float("nan")),
          lambda: child(print, backoff=1, restart="temporary"),
          lambda: child(Supervisor(), backoff=1),
          lambda: Supervisor([DynamicSupervisor]),
      ):
          print(said(function)[:75])
      from rebeam import _supervisor
      _supervisor.take_made()
      """)

    assert lines == [
             "ValueError auto_shutdown is 'never', but child(<built-in function print>) i",
             "ValueError auto_shutdown must be one of never, any_significant, all_signifi",
             "ValueError max_children must be a whole number from 0 on, not -1",
             "ValueError max_children must be a whole number from 0 on, not '3'",
             "TypeError name must be a non-empty str, not ''",
             "ValueError backoff must be seconds, or (seconds, longest) with longest no l",
             "ValueError backoff must be seconds, or (seconds, longest) with longest no l",
             "ValueError backoff must be seconds, or (seconds, longest) with longest no l",
             "ValueError backoff must be seconds, or (seconds, longest) with longest no l",
             "ValueError backoff must be seconds, or (seconds, longest) with longest no l",
             "ValueError backoff is for restarts, and a temporary child has none",
             "TypeError backoff is for actors and functions: give it to a supervisor's ch",
             "TypeError cannot supervise the class DynamicSupervisor: give an instance"
           ]
  end

  for {auto, ends} <- [{"any_significant", ["first"]}, {"all_significant", ["first", "second"]}] do
    test "auto_shutdown=#{auto}" do
      lines =
        lines!("""
        def drive():
            for name in ("first", "second"):
                print(name, whereis("tree") is not None)
                if whereis("tree"):
                    terminate = whereis(name)
                    cast(name, "do", ["finish"])
                    while terminate.alive():
                        sleep(0.01)
                    sleep(0.05)
            print(whereis("tree"), whereis("plain"), [each.state for each in which_children("top")])
        def finish():
            sys.exit(0)
        key = dict(restart="transient", significant=True)
        Supervisor(name="top", modules=[
            child(Supervisor(name="tree", auto_shutdown="#{unquote(auto)}", modules=[
                child(Worker("first"), **key), Worker("plain"), child(Worker("second"), **key)]),
                restart="transient"),
            last(drive)])
        """)

      assert lines ==
               Enum.map(
                 ["first", "second"],
                 &"#{&1} #{if &1 in unquote(ends), do: "True", else: "False"}"
               ) ++
                 ["None None ['stopped', 'running']"]
    end
  end
end

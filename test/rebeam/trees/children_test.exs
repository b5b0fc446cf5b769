defmodule Rebeam.Trees.ChildrenTest do
  # The tree changed at run time: from functions, from handlers, from @start and @stop.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  defp lines!(program) do
    Program.out!(program)
  end

  @tag :slow
  test "start, list, count, terminate, restart, delete" do
    lines = lines!("trees/children/start_list_count_terminate_restart_delete.py")

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

  test "how long each child gets to end: no time at all is a time, too" do
    program = """
    from rebeam import *
    class Worker(GenPy):
        pass
    times = {"given": 1.5, "none": 0, "kill": "brutal_kill", "ever": "infinity", "default": None}
    inner = Supervisor([child(Worker(), id=id, shutdown=time) for id, time in times.items()])
    class Last(GenPy):
        name = "last"
    Supervisor([child(inner, id="inner", shutdown=0), child(inner, id="other"), Last], name="top")
    """

    code = ~S"""
    wait_until(fn -> Rebeam.whereis("last") end)
    top = Rebeam.whereis("top")
    shutdowns = fn sup ->
      for {id, _, _, _} <- Supervisor.which_children(sup) do
        {:ok, spec} = :supervisor.get_childspec(sup, id)
        {to_string(id), spec.shutdown}
      end
    end
    show.(top |> shutdowns.() |> Enum.sort())
    {_, inner, _, _} = Enum.find(Supervisor.which_children(top), &(to_string(elem(&1, 0)) == "inner"))
    show.(inner |> shutdowns.() |> Enum.sort())
    """

    assert InElixir.lines!(program, code) == [
             ~s([{"Last", 5000}, {"inner", 0}, {"other", :infinity}]),
             ~s([{"default", 5000}, {"ever", :infinity}, {"given", 1500}, {"kill", :brutal_kill}, {"none", 0}])
           ]
  end

  @tag :slow
  test "what is refused, and in which words" do
    lines = lines!("trees/children/what_is_refused.py")

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
             "TypeError a supervisor must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via, not 17",
             "TypeError a child is told by its id (str) or its ProcessID, not 17",
             "FileNotFoundError no script 'nowhere.py' (in #{File.cwd!()})",
             ~s(RuntimeError bad_combination: the child "Worker" is significant, but auto_shutdown of NEVER is never),
             "RuntimeError its name is taken by ALONE",
             "RuntimeError its name is taken by NEVER",
             "['alone', 'never', 'drive', 'x', 'ended']"
           ]
  end

  @tag :slow
  test "a child without an id gets one that is free" do
    assert lines!("""
           from rebeam import *
           from children_worker import *
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

  @tag :slow
  test "a failed start says why, and leaves nothing behind" do
    program = """
    from rebeam import *
    from children_worker import *
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
    lines = lines!("trees/children/dynamic_supervisor.py")

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

  @tag :slow
  test "a dynamic supervisor stands alone, in run_register_process, and gives up" do
    program = """
    from rebeam import *
    from children_worker import *
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

    result = Program.run(program)
    assert %{status: 1, out: "True ['x']\n"} = result

    assert result.err =~
             "the supervision tree gave up: child the bad one failed too often\nValueError: on purpose\n"
  end

  @tag :slow
  test "an actor changes the tree that it stands in, and itself" do
    lines = lines!("trees/children/actor_changes_the_tree_that_it_stands.py")

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
    from rebeam import *
    from children_worker import *
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

    result = Program.run(program)
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
    lines = lines!("trees/children/whole_tree.py")

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

  @tag :slow
  test "one object is never two actors" do
    assert lines!("""
           from rebeam import *
           from children_worker import *
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

  @tag :slow
  test "threads and the script's body may ask too" do
    assert lines!("""
           import threading
           from rebeam import *
           from children_worker import *
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

  @tag :slow
  test "a start that a sibling's crash cuts off is done again; one that was ended is over" do
    assert lines!("trees/children/start_that_a_siblings_crash_cuts_off_is_done.py") == [
             "['first', 'slow'] True True",
             "['first', 'slow'] True True",
             "RuntimeError it was ended while it started: shutdown",
             "[]"
           ]
  end

  @tag :slow
  test "a @start that never ends does not outlast a shutdown" do
    assert lines!("trees/children/start_that_never_ends_does_not_outlast.py")
           |> Enum.sort() == [
             "RuntimeError it was ended while it started: shutdown",
             "RuntimeError it was ended while it started: shutdown",
             "True ['jobs', 'dynamic', 'drive'] []",
             "cut off",
             "cut off"
           ]
  end

  @tag timeout: 200_000
  @tag :slow
  test "churn: everything at once, at random, leaves trees that are whole" do
    result = Program.run(Program.path("churn.py"), options: ["--log-level", "none"])
    assert %{status: 0, err: ""} = result
    assert [_, "whole", "baseline"] = String.split(result.out, "\n", trim: true)
  end

  test "many at once: nothing is lost, nothing is left" do
    lines = lines!("trees/children/many_at_once.py")

    assert lines == [
             "250 True",
             "{'active': 125, 'specs': 250, 'supervisors': 0, 'workers': 250} 125 {'active': 0, 'specs': 0, 'supervisors': 0, 'workers': 0}"
           ]
  end

  @tag :slow
  test "what the declarations refuse" do
    lines = lines!("trees/children/what_the_declarations_refuse.py")

    assert lines == [
             "ValueError auto_shutdown is 'never', but child(<built-in function print>) i",
             "ValueError auto_shutdown must be one of never, any_significant, all_signifi",
             "ValueError max_children must be a whole number from 0 on, not -1",
             "ValueError max_children must be a whole number from 0 on, not '3'",
             "TypeError name must be a non-empty str, a GlobalName or a Via, not ''",
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
    @tag :slow
    test "auto_shutdown=#{auto}" do
      lines =
        lines!("""
        import sys
        from rebeam import *
        from children_worker import *
        from waiting import wait_until
        def drive():
            for name in ("first", "second"):
                print(name, whereis("tree") is not None)
                if whereis("tree"):
                    terminate = whereis(name)
                    cast(name, "do", ["finish"])
                    wait_until(lambda: not terminate.alive())
                    if name == "#{List.last(unquote(ends))}":
                        wait_until(lambda: which_children("top")[0].state == "stopped")
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

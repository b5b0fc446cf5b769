defmodule Rebeam.Actor.ProcessTest do
  # What a process knows of itself and of others: alive, labels, remote ids.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "is_alive: ids, names, the dead, the unknown" do
    assert Program.lines!("actor/process/is_alive.py") == [
             "True True True False True True",
             "True False",
             "(<Status.OK: 'ok'>, False) (<Status.OK: 'ok'>, True)",
             "False False",
             "target must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via, not 3"
           ]
  end

  @tag :slow
  test "processes of another node: alive, links and monitors, and the node's end" do
    options = ["--sname", "rebeam-here-#{System.pid()}"]

    result =
      Program.run("actor/process/processes_of_another_node.py", via: :mix, options: options)

    assert result.out ==
             "True True True (True, True)\n" <>
               "[('Down', 'over there'), ('Exit', 'over there')] False\n" <>
               "[('Down', 'noconnection'), ('Exit', 'noconnection')]\n" <>
               "False False (False, False)\n"
  end

  test "labels: by default what the process is, in tools and in crash reports" do
    result = Program.run("actor/process/labels.py")
    assert %{status: 0, out: "TypeError\nTypeError\nUnicodeEncodeError\n"} = result
    assert result.err =~ ~r/actor named \(Named\) <[^>]*> crashed in @receive\("crash"\)/
    assert result.err =~ ~r/actor shard 3 \(Worker\) <[^>]*> crashed in @receive\("crash"\)/
  end

  test "Elixir processes and Python actors watch each other; reasons of any term are text" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
    watcher = wait_until(fn -> Rebeam.whereis("watcher") end)
    show = &IO.inspect(&1, printable_limit: :infinity, width: 100_000)
    Process.flag(:trap_exit, true)
    seen = fn ->
      show.(wait_until(fn -> elem(Rebeam.call(watcher, "seen", 2), 1) end))
    end

    for reason <- [:normal, {:shutdown, "text"}, {:other, [1]}, <<255>>, "grün"] do
      pid = spawn(fn -> receive do: (:go -> exit(reason)) end)
      {:ok, nil} = Rebeam.call(watcher, "watch", pid)
      send(pid, :go)
      seen.()
    end

    # What only looks like a signal is one, as in OTP for who traps exits.
    send(Rebeam.whereis("watcher"), {:EXIT, self(), :looks})
    [{kind, _}] = wait_until(fn -> elem(Rebeam.call("watcher", "seen", 1), 1) end)
    show.(kind)

    for name <- ["plain", "watcher"] do
      pid = Rebeam.whereis(name)
      Process.link(pid)
      Rebeam.call(name, "crash", nil)
      receive do: ({:EXIT, ^pid, {%Rebeam.PythonError{} = error, []}} -> show.(error.message))
    end

    Rebeam.Program.Script.stop(script, 0)
    receive do: ({:rebeam_script, ^script, _, _} -> :ok)
    System.halt(0)
    """

    folder =
      Program.folder(%{
        "main.py" => "actor/process/elixir_processes_and_python_actors_watch_each.py"
      })

    result = Program.elixir(code, cd: folder)
    assert result.status == 0, result.err

    reasons = ["normal", "text", "{:other, [1]}", "<<255>>", "grün"]

    # The log is on standard output, too.
    lines = result.out |> String.split("\n", trim: true) |> Enum.filter(&(&1 =~ ~r/^["\[]/))

    assert lines ==
             for(reason <- reasons, do: inspect([{"Down", reason}, {"Exit", reason}])) ++
               [~s("Exit"), ~s("seen from Elixir"), ~s("seen from Elixir")]
  end

  test "labels under the key that OTP's tools read" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, _} = Rebeam.Program.Script.start_link("script", System.fetch_env!("SCRIPT"))
    labels = fn ->
      for pid <- Process.list(), {_, dictionary} <- [Process.info(pid, :dictionary)],
          label = dictionary[:"$process_label"], do: label
    end
    # The last that is set; a function that is spawned begins by itself.
    wait_until(fn -> "the script" in labels.() and length(labels.()) >= 6 end)
    Enum.each(labels.(), &IO.puts/1)
    System.halt(0)
    """

    script =
      Path.join(
        Program.folder(%{
          "main.py" => """
          import time
          from rebeam import *
          class Worker(GenPy):
              pass
          class Other(GenPy):
              @start()
              def begin(self):
                  set_label("set")
          def function():
              sleep(60)
          for item in (Worker, child(Worker, name="given"), Other, function):
              run_register_process(item)
          spawn(function)
          set_label("the script")
          time.sleep(60)
          """
        }),
        "main.py"
      )

    env = [{"SCRIPT", script}]
    result = Program.elixir(code, env: env)

    assert %{err: "", status: 0} = result

    assert result.out |> String.split("\n", trim: true) |> Enum.sort() ==
             ["Worker", "function", "function", "given", "set", "the script"]
  end
end

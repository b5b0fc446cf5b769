defmodule Rebeam.Program.ScriptTest do
  # Scripts as children of Elixir supervisors.
  use Rebeam.ElixirChildCase, async: false

  import ExUnit.CaptureLog

  alias Rebeam.PythonError

  describe "a script" do
    test "runs its body, starts its trees, and stops them in order", context do
      path =
        script(context, "main.py", """
        import sys, threading
        log = sys.argv[1]
        with open(log, "a") as file:
            print(__name__, sys.argv[2:], threading.current_thread() is threading.main_thread(),
                  __file__ == sys.argv[0], sys.modules["__main__"].log == log, file=file)
        Supervisor(modules=[Counter(1, log=log, name="sc_first"), Counter(2, log=log)], name="sc_tree")
        Supervisor(modules=[Counter(3, log=log, name="sc_third")])
        """)

      tree =
        supervise([{Rebeam, script: path, args: [context.log, "a", "b"], name: Rebeam.MyScript}])

      assert Rebeam.call("sc_first", "add", 10) == {:ok, 11}
      script = Process.whereis(Rebeam.MyScript)
      assert [{Rebeam.MyScript, ^script, :supervisor, [Rebeam]}] = Supervisor.which_children(tree)

      # It stands for its trees.
      assert [{_, third, :supervisor, _}, {_, first, :supervisor, _}] =
               Supervisor.which_children(Rebeam.MyScript)

      assert first == Rebeam.whereis("sc_tree")
      assert [{_, pid, :worker, _}] = Supervisor.which_children(third)
      assert pid == Rebeam.whereis("sc_third")
      assert Supervisor.count_children(Rebeam.MyScript).active == 2
      assert {:error, text} = Rebeam.call(Rebeam.MyScript, "add", 1)
      assert text =~ "the script is a function: it takes no messages"

      stop_supervised!(:tree)

      assert lines(context) == [
               "__main__ ['a', 'b'] True True True",
               "stop 3 shutdown",
               "stop 2 shutdown",
               "stop 11 shutdown"
             ]

      assert Rebeam.whereis("sc_first") == nil
    end

    test "its body may ask actors that Elixir started", context do
      supervise([
        {Rebeam.GenPy, {{context.module, "Asked"}, name: "sc_asked", path: context.folder}},
        {Rebeam,
         script:
           script(context, "asks.py", """
           status, answer = call("sc_asked", "name")
           Supervisor(modules=[Counter(answer, name="sc_asking")])
           """)}
      ])

      assert {:down, text} = Rebeam.call("sc_asking", "add", 1)
      assert text =~ ~s(can only concatenate str)
    end

    test "a body that raises is a start failure with its traceback, logged once", context do
      path = script(context, "raises.py", "Supervisor(modules=[Counter()])\n1 / 0\n")
      Process.flag(:trap_exit, true)

      log =
        capture_log(fn ->
          assert {:error, {%PythonError{} = error, []}} = Rebeam.start_link(script: path)
          assert error.type == "ZeroDivisionError"

          assert error.traceback == """
                 Traceback (most recent call last):
                   File "#{path}", line 4, in <module>
                     1 / 0
                     ~~^~~
                 ZeroDivisionError: division by zero
                 """
        end)

      assert length(String.split(log, "division by zero")) == 2
      assert log =~ "script #{path}: raised"

      # Not even its tree is started by who comes next.
      plain = script(context, "plain.py", "x = 1\n")
      assert Rebeam.start_link(script: plain) == :ignore
    end

    test "a syntax error, a missing file, a tree that does not start", context do
      Process.flag(:trap_exit, true)
      path = script(context, "syntax.py", "def\n")

      assert {:error, {%PythonError{type: "SyntaxError"} = error, []}} =
               Rebeam.start_link(script: path)

      assert error.traceback =~ ~s(File "#{path}", line 3)
      refute error.traceback =~ "_boot"

      assert {:error, "no script \"none.py\"" <> _} = Rebeam.start_link(script: "none.py")

      path = script(context, "start.py", "Supervisor(modules=[StartFails])\n")

      assert {:error, {:shutdown, {:failed_to_start_child, "StartFails", {error, []}}}} =
               Rebeam.start_link(script: path)

      assert %PythonError{type: "KeyError"} = error
    end

    test "exits: 0 leaves nothing to supervise, others are failures", context do
      Process.flag(:trap_exit, true)

      for {call, result} <- [
            {"sys.exit(0)", :ignore},
            {"sys.exit()", :ignore},
            {"sys.exit(3)", {:error, {:system_exit, 3}}},
            {"sys.exit('why')", {:error, {:system_exit, 1}}}
          ] do
        assert Rebeam.start_link(script: script(context, "exits.py", "import sys\n#{call}\n")) ==
                 result
      end

      # As under `rebeam`: exit(main()) that made a supervisor is no wish to end.
      path =
        script(context, "main.py", """
        import sys
        def main():
            return Supervisor(modules=[Counter(name="sc_exit")])
        sys.exit(main())
        """)

      assert {:ok, pid} = Rebeam.start_link(script: path)
      assert Rebeam.call("sc_exit", "add", 1) == {:ok, 1}
      GenServer.stop(pid)
    end

    test "a tree that gives up ends it with the traceback, and it is started afresh", context do
      path =
        script(context, "gives_up.py", """
        import sys
        sys.__dict__["bodies"] = sys.__dict__.get("bodies", 0) + 1
        assert "leftover" not in globals()
        leftover = 1
        Supervisor(modules=[child(Counter(sys.bodies, name="sc_again"), id="the_counter")],
                   max_restarts=0)
        """)

      log =
        capture_log(fn ->
          supervise([{Rebeam, script: path, name: Rebeam.Again, args: ["x"]}])
          old = Process.whereis(Rebeam.Again)
          monitor = Process.monitor(old)
          {:ok, run} = Rebeam.call("sc_again", "add", 0)
          Rebeam.call("sc_again", "crash", nil)

          assert_receive {:DOWN, ^monitor, _, _,
                          {:gave_up, "the_counter", {%PythonError{message: "on purpose"}, []}}}

          actor = wait_until(fn -> Rebeam.whereis("sc_again") end)
          assert wait_until(fn -> Process.whereis(Rebeam.Again) end) != old
          assert is_pid(actor)
          assert Rebeam.call("sc_again", "add", 0) == {:ok, run + 1}
        end)

      assert log =~ "script #{path}: its supervision tree gave up\nchild the_counter failed too"
      assert log =~ "ValueError: on purpose"
    end

    test "ends normally when its trees have", context do
      path =
        script(context, "ends.py", """
        def work():
            sleep(0.05)
        Supervisor(modules=[child(work, restart="transient", significant=True)])
        """)

      {:ok, pid} = Rebeam.start_link(script: path)
      monitor = Process.monitor(pid)
      assert_receive {:DOWN, ^monitor, _, _, :normal}
    end

    test "two at once take turns, each with its own arguments and namespace", context do
      paths =
        for name <- ~w(turn_a turn_b) do
          script(context, name <> ".py", """
          import sys
          own = sys.argv[1]
          sleep(0.1)
          assert own == sys.argv[1] == sys.modules["__main__"].own
          class Own(GenPy):
              name = own
              @receive("own")
              def get(self):
                  return [own, __name__]
          Supervisor(modules=[Own()])
          """)
        end

      tasks =
        for {path, n} <- Enum.with_index(paths) do
          Task.async(fn ->
            Process.flag(:trap_exit, true)
            {:ok, pid} = Rebeam.start_link(script: path, args: ["sc_turn_#{n}"])
            Process.unlink(pid)
            pid
          end)
        end

      pids = Task.await_many(tasks, 20_000)

      for n <- 0..1 do
        assert Rebeam.call("sc_turn_#{n}", "own", nil) == {:ok, ["sc_turn_#{n}", "__main__"]}
      end

      Enum.each(pids, &GenServer.stop/1)
    end

    test "several keep their classes apart, also where they are sent", context do
      source = fn own, other ->
        """
        import dataclasses
        @dataclasses.dataclass
        class Point:
            x: int
            def norm(self):
                return [#{inspect(own)}, self.x]
        class Own(GenPy):
            name = #{inspect(own)}
            @receive("make")
            def make(self, message):
                return Point(message)
            @receive("norm")
            def norm(self, message):
                return [type(message) is Point, message.norm()]
            @receive("echo")
            def echo(self, message):
                return message
            @receive("round")
            def round(self, message):
                status, point = call(#{inspect(other)}, "echo", Point(message))
                return [type(point) is Point, point.norm()]
        Supervisor(modules=[Own()])
        """
      end

      pids =
        for {own, other} <- [{"sc_one", "sc_two"}, {"sc_two", "sc_one"}] do
          {:ok, pid} =
            Rebeam.start_link(script: script(context, own <> ".py", source.(own, other)))

          pid
        end

      for own <- ~w(sc_one sc_two) do
        {:ok, point} = Rebeam.call(own, "make", 7)
        assert %Rebeam.Object{} = point
        assert Rebeam.call(own, "norm", point) == {:ok, [true, [own, 7]]}
        assert Rebeam.call(own, "round", 8) == {:ok, [true, [own, 8]]}
      end

      {:ok, point} = Rebeam.call("sc_one", "make", 9)
      assert Rebeam.call("sc_two", "norm", point) == {:ok, [false, ["sc_one", 9]]}
      Enum.each(pids, &GenServer.stop/1)
    end

    test "that is killed is started again when its trees are gone", context do
      path =
        script(context, "slow_stop.py", """
        class Slow(Counter):
            @stop()
            def bye(self):
                sleep(0.3)
        Supervisor(modules=[Slow(n, name=f"sc_slow{n}") for n in range(3)])
        """)

      tree = supervise([{Rebeam, script: path, name: Rebeam.Slow}])
      old = Process.whereis(Rebeam.Slow)
      Process.exit(old, :kill)
      wait_until(fn -> Process.whereis(Rebeam.Slow) not in [nil, old] end)
      # Answered when it has started.
      assert [{_, pid, _, _}] = Supervisor.which_children(tree)
      assert is_pid(pid)
      for n <- 0..2, do: assert(Rebeam.call("sc_slow#{n}", "add", 1) == {:ok, n + 1})
    end

    @tag :slow
    test "a body that waits too long is given up, and the next one runs", context do
      path =
        script(context, "waits.py", """
        import sys
        try:
            sleep(1000)
        finally:
            with open(sys.argv[1], "a") as file:
                print("finally", file=file)
        """)

      Process.flag(:trap_exit, true)

      assert Rebeam.start_link(script: path, args: [context.log], timeout: 2_000) ==
               {:error, :timeout}

      plain = script(context, "after.py", "Supervisor(modules=[Counter(name='sc_after')])\n")
      assert {:ok, pid} = Rebeam.start_link(script: plain)
      assert lines(context) == ["finally"]
      assert Rebeam.call("sc_after", "add", 1) == {:ok, 1}
      GenServer.stop(pid)
    end

    @tag :slow
    test "a body that computes too long is given up as well", context do
      path =
        script(context, "computes.py", """
        import sys
        try:
            while True:
                pass
        finally:
            with open(sys.argv[1], "a") as file:
                print("finally", file=file)
        """)

      Process.flag(:trap_exit, true)

      assert Rebeam.start_link(script: path, args: [context.log], timeout: 2_000) ==
               {:error, :timeout}

      plain = script(context, "after.py", "Supervisor(modules=[Counter(name='sc_next')])\n")
      assert {:ok, pid} = Rebeam.start_link(script: plain, timeout: 20_000)
      assert lines(context) == ["finally"]
      assert Rebeam.call("sc_next", "add", 1) == {:ok, 1}
      GenServer.stop(pid)
    end

    @tag :slow
    test "a tree whose start hangs is given up with all that it started", context do
      path =
        script(context, "hangs.py", """
        class Hangs(Counter):
            @start()
            def boot(self):
                sleep(1000)
        Supervisor(modules=[Counter(name="sc_up"), Supervisor(modules=[Hangs(name="sc_hangs")])])
        """)

      # Trees that other tests made in sessions stay with the application.
      before = Rebeam.Names.hosts()

      task =
        Task.async(fn ->
          Process.flag(:trap_exit, true)
          :timer.tc(fn -> Rebeam.start_link(script: path, timeout: 2_000) end)
        end)

      pids =
        wait_until(fn ->
          up = Enum.map(~w(sc_up sc_hangs), &Rebeam.whereis/1)
          if nil not in up, do: up
        end)

      assert {time, {:error, :timeout}} = Task.await(task, 20_000)
      # Not after the five seconds more that what starts gets when a program ends.
      assert time in 2_000_000..6_900_000
      wait_until(fn -> not Enum.any?(pids, &Process.alive?/1) end)
      # Whoever keeps them hears of an end a moment later.
      wait_until(fn -> Rebeam.Names.hosts() -- before == [] end)
    end

    test "whoever is killed before its turn leaves the queue", context do
      [gate, begun] = for name <- ~w(gate begun), do: Path.join(context.folder, name)

      slow =
        script(
          context,
          "slow.py",
          "import os\nopen(#{inspect(begun)}, 'w').close()\n" <>
            "while not os.path.exists(#{inspect(gate)}):\n    sleep(0.01)\n"
        )

      never = script(context, "never.py", "open(#{inspect(context.log)}, 'a').write('never')\n")
      first = Task.async(fn -> Rebeam.start_link(script: slow) end)
      wait_until(fn -> File.exists?(begun) end)
      second = spawn(fn -> Rebeam.start_link(script: never) end)
      Process.sleep(100)
      Process.exit(second, :kill)
      File.touch!(gate)
      assert Task.await(first, 60_000) == :ignore
      assert Rebeam.start_link(script: slow) == :ignore
      refute File.exists?(context.log)
    end

    test "a parent that is killed takes all with it", context do
      path =
        script(
          context,
          "killed.py",
          "Supervisor(modules=[Counter(7, log=#{inspect(context.log)}, name='sc_killed')])\n"
        )

      {parent, monitor} =
        spawn_monitor(fn ->
          {:ok, _} = Rebeam.start_link(script: path, name: Rebeam.Killed)
          Process.sleep(:infinity)
        end)

      wait_until(fn -> Rebeam.whereis("sc_killed") end)
      Process.exit(parent, :kill)
      assert_receive {:DOWN, ^monitor, _, _, :killed}
      wait_until(fn -> File.exists?(context.log) and lines(context) == ["stop 7 shutdown"] end)
      wait_until(fn -> Process.whereis(Rebeam.Killed) == nil end)
    end

    test "has options that are checked" do
      assert_raise ArgumentError, ~r/:script is the path/, fn -> Rebeam.child_spec([]) end
      assert_raise ArgumentError, ~r/unknown option :scrpt/, fn -> Rebeam.child_spec(scrpt: 1) end

      assert_raise ArgumentError, ~r/keyword list/, fn ->
        apply(Rebeam, :child_spec, ["main.py"])
      end

      assert_raise ArgumentError, ~r/:args is a list of strings, not \[1\]/, fn ->
        Rebeam.start_link(script: "main.py", args: [1])
      end

      assert Rebeam.child_spec(script: "a.py", name: X, significant: true, restart: :temporary) ==
               %{
                 id: X,
                 restart: :temporary,
                 significant: true,
                 shutdown: :infinity,
                 type: :supervisor,
                 start: {Rebeam, :start_link, [[script: "a.py", name: X]]}
               }
    end
  end

  test "all is back to where it was", context do
    counts = fn ->
      Enum.each(Process.list(), &:erlang.garbage_collect/1)
      Map.take(Rebeam.info(), [:actors, :suspended, :blocked, :handles, :queued])
    end

    path =
      script(context, "counts.py", """
      Supervisor(modules=[Counter(), Asked(), child(Counter(), id="x")])
      """)

    once = fn ->
      {:ok, pid} = Rebeam.start_link(script: path)
      {:ok, actor} = Rebeam.GenPy.start_link({context.module, "Counter"}, path: context.folder)
      assert Rebeam.call(actor, "add", 1) == {:ok, 1}
      GenServer.stop(actor)
      GenServer.stop(pid)
    end

    once.()

    before =
      wait_until(fn ->
        now = counts.()
        Process.sleep(200)
        now == counts.() && now
      end)

    for _ <- 1..5, do: once.()
    # What Python had not collected of other tests may have gone, too.
    wait_until(fn -> Enum.all?(counts.(), fn {what, count} -> count <= before[what] end) end)
  end
end

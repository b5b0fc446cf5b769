if Rebeam.KinoSources.lack() == nil do
  Rebeam.KinoSources.load!()

  defmodule Rebeam.LivebookTest do
    # What a cell's code does, without a notebook: Kino's own processes, and a group leader in the place
    # of the notebook's.
    use ExUnit.Case, async: false

    import Kino.Test
    import Rebeam.Waiting

    require Logger

    alias Rebeam.{Livebook, PythonError}
    alias Rebeam.Livebook.Cell

    setup :configure_livebook_bridge
    setup do: on_exit(fn -> Enum.each(children(), &Kino.terminate_child/1) end)

    @counter """
    from rebeam import GenPy, Supervisor, receive

    class Counter(GenPy):
        name = "lb_counter"
        n = 0

        @receive("add")
        def add(self, message):
            self.n += message
            print("now", self.n)
            return self.n

    Supervisor([Counter()])
    """

    defp children,
      do: for({_, pid, _, _} <- DynamicSupervisor.which_children(Kino.DynamicSupervisor), do: pid)

    # In the place of Livebook's handler of logs, which tells the test.
    defmodule Handler do
      def log(%{msg: {:string, text}}, %{config: test}),
        do: send(test, {:logged, to_string(text)})

      def log(_event, _config), do: :ok
    end

    # The view that was shown last.
    defp view do
      assert_receive {:livebook_put_output, %{type: :js, js_view: %{ref: ref, pid: pid}}}, 20_000
      %Kino.JS.Live{module: Livebook.View, ref: ref, pid: pid}
    end

    # What the view has to show, once that holds.
    defp shown(view, condition) do
      wait_until(fn ->
        data = connect(view, nil, 20_000)
        if condition.(data), do: data
      end)
    end

    defp idle?(trees), do: match?([%{children: [%{state: :idle, queue: 0}]}], trees)

    test "runs the code; values go in and come out; what is printed, also later, is in the view" do
      code = "import sys\nprint('args', sys.argv[1:])\ntotal = sum(numbers)\n" <> @counter

      attrs = %{
        "variable" => "script",
        "source" => code,
        "bindings" => "numbers",
        "results" => "total",
        "args" => "--fast 'a b'"
      }

      {6, binding} = Code.eval_string(Cell.to_source(attrs), numbers: [1, 2, 3])
      view = view()
      assert Rebeam.call("lb_counter", "add", 5) == {:ok, 5}
      assert shown(view, &(&1.text =~ "now 5")).text == "args ['--fast', 'a b']\nnow 5\n"
      script = binding[:script]
      assert Kino.Render.to_livebook(script) == %{type: :ignored}
      assert Livebook.value(script, "total + more", more: 4) == 10

      assert %{trees: [%{children: [row]}], names: ["lb_counter"]} =
               shown(view, &(idle?(&1.seen.trees) and &1.status == "runs")).seen

      assert %{name: "lb_counter", what: "Counter", restarts: 0, queue: 0, state: :idle} = row
      assert Livebook.stop(script) == :ok
      assert Rebeam.call("lb_counter", "add", 1) == {:down, "noproc"}
      assert shown(view, &(&1.status == "was stopped")).seen.trees == []
    end

    test "a body that raises: with the lines of the cell, and nothing is left of it" do
      error = assert_raise PythonError, fn -> Livebook.run("x = 1\n\n1 / 0\n", name: "bad") end
      assert error.traceback =~ ~r(File "\S+/bad.cell.py", line 3, in <module>\n    1 / 0)
      view = view()
      shown(view, &(&1.status == "failed" and &1.text =~ "ZeroDivisionError"))
      assert_raise PythonError, ~r/line 2/, fn -> Livebook.run("x = 1\ny = = 2\n") end

      assert_raise RuntimeError, ~r/:strategy is one of/, fn ->
        Livebook.run("", strategy: :best)
      end
    end

    test "what a cell asks is not asked at the server's terminal" do
      Rebeam.eval!("import io, sys\nsys.stdin = io.StringIO('typed')")
      error = assert_raise PythonError, fn -> Livebook.run("input('name? ')") end
      assert error.type == "EOFError"
    end

    test "a crash is in the view, as what it logged is" do
      Livebook.run("""
      from rebeam import GenPy, Supervisor, receive

      class Crashing(GenPy):
          name = "lb_crashing"

          @receive("divide")
          def divide(self, message):
              return 1 / message

      Supervisor([Crashing()])
      """)

      view = view()
      assert {:down, _} = Rebeam.call("lb_crashing", "divide", 0)
      data = shown(view, &(&1.seen.crashes != [] and &1.text =~ "ZeroDivisionError"))
      assert [%{subject: "divide", count: 1, traceback: text}] = data.seen.crashes
      assert text =~ "script.cell.py\", line 8, in divide"
      restarted = shown(view, &match?(%{seen: %{trees: [%{children: [%{restarts: 1}]}]}}, &1))
      assert [%{children: [%{name: "lb_crashing"}]}] = restarted.seen.trees
    end

    test "of what is printed the last lines are kept, or the end of one that has no end" do
      Livebook.run("""
      for n in range(12_000):
          print("line", n)
      print("over")
      """)

      lines = view() |> shown(&(&1.text =~ "over")) |> Map.get(:text) |> String.split("\n")
      assert Enum.take(lines, -3) == ["line 11999", "over", ""]
      assert length(lines) > 5_000
      assert Enum.all?(Enum.drop(lines, -2), &(&1 =~ ~r/^line \d+$/))
      Livebook.run("print('ä' * 200_000, end='over')")
      text = shown(view(), &(&1.text =~ "over")).text
      assert String.valid?(text)
      assert byte_size(text) in 99_990..100_000
    end

    # As a page has it.
    defp page(%{ref: ref} = view, text) do
      receive do
        {:runtime_broadcast, "js_live", ^ref, {:event, event, more, _}}
        when event in ["text", "all"] ->
          assert byte_size(more) <= 100_000
          page(view, if(event == "text", do: text <> more, else: more))
      after
        0 -> text
      end
    end

    test "a page is told no more than is kept, however much is printed at once" do
      Livebook.run("print('begin')\nprint('ä' * 300_000)\nprint('over')")
      view = view()
      kept = shown(view, &(&1.text =~ "over")).text
      assert String.ends_with?(kept, "ä\nover\n")
      assert byte_size(kept) in 99_990..100_000
      assert String.ends_with?(page(view, ""), kept)
    end

    test "what a script logs is in its view alone" do
      :ok = :logger.add_handler(:livebook_gl_handler, Handler, %{config: self()})
      on_exit(fn -> :logger.remove_handler(:livebook_gl_handler) end)
      Livebook.run("x = 1")
      view = view()
      before = Process.group_leader()
      leader = Livebook.Leader.start_link(view.pid)
      Process.group_leader(self(), leader)
      Logger.error("of the script")
      Process.group_leader(self(), before)
      Logger.error("of another")
      IO.write(leader, "no end")
      Process.group_leader(self(), leader)
      Logger.error("on a line of its own")
      Process.group_leader(self(), before)
      assert shown(view, &(&1.text =~ "its own")).text =~ ~r/^no end\n\S+ \[error\] on a line/m
      assert_receive {:logged, "of another"}
      refute_received {:logged, "of the script"}
      assert shown(view, &(&1.text =~ "of the script")).text =~ "[error] of the script"
      Livebook.Leader.stop(leader)
    end

    test "the box calls an actor with a message in Python" do
      Livebook.run(@counter)
      view = view()
      connect(view, nil, 20_000)
      shown(view, &(&1.status == "runs"))
      push_event(view, "there", nil)
      assert_receive {:event, "there", "runs", _}, 20_000
      call = &call(view, "lb_counter", "add", &1)
      assert call.("2 * 3") == %{status: "ok", text: "6"}
      assert %{status: "no message", text: text} = call.("2 *")
      assert text =~ "SyntaxError"
      assert %{status: "no message", text: text} = call.("unknown")
      assert text =~ "NameError"
      assert %{status: "down", text: text} = call.("'x'")
      assert text =~ "TypeError"
    end

    # In the box of a view; its answer.
    defp call(view, actor, subject, message) do
      push_event(view, "call", %{"actor" => actor, "subject" => subject, "message" => message})
      assert_receive {:event, "answer", answer, _}, 30_000
      answer
    end

    @tag :slow
    test "the box takes whatever is typed, and has an answer to it" do
      Livebook.run("""
      from rebeam import GenPy, Supervisor, receive, sleep

      class Waiting(GenPy):
          name = "lb_waiting"

          @receive("echo")
          def echo(self, message):
              return message

          @receive("wait")
          def wait(self, message):
              print("waits")
              sleep(60)

      Supervisor([Waiting()])
      """)

      view = view()
      connect(view, nil, 20_000)
      shown(view, &(&1.status == "runs"))
      echo = &call(view, "lb_waiting", "echo", &1)
      assert echo.("") == %{status: "ok", text: "None"}
      assert echo.("'größe 🐍'") == %{status: "ok", text: "'größe 🐍'"}
      assert %{status: "no message", text: text} = echo.("lambda: 1")
      assert text =~ "TypeError"
      assert %{status: "ok", text: long} = echo.("'x' * 1_000_000")
      assert byte_size(long) < 1_000
      assert %{status: "no message", text: text} = echo.("while True: pass")
      assert text =~ "5 seconds"
      assert %{status: "no message", text: text} = echo.("exit()")
      assert text =~ "SystemExit"
      assert %{status: "down", text: "noproc"} = call(view, "", "", "1")
      nobody = String.duplicate("x", 1_000)
      assert %{status: "down", text: "noproc"} = call(view, nobody, "echo", "1")
      # The actor ends while somebody waits.
      push_event(view, "call", %{"actor" => "lb_waiting", "subject" => "wait", "message" => ""})
      shown(view, &(&1.text =~ "waits"))
      push_event(view, "stop", nil)
      assert_receive {:event, "answer", %{status: "down"}, _}, 30_000
    end

    @tag :slow
    test "twenty times anew: names are free again, and no process, thread or file is left" do
      again = fn n ->
        Livebook.run("VERSION = #{n}\n" <> @counter)
        view()
        assert Rebeam.call("lb_counter", "add", n) == {:ok, n}
        # As when the cell is evaluated again.
        Enum.each(children(), &Kino.terminate_child/1)
        assert Rebeam.whereis("lb_counter") == nil
      end

      left = fn ->
        %{
          processes: length(Process.list()),
          threads: length(File.ls!("/proc/self/task")),
          path: Rebeam.eval!("import sys\nlen(sys.path)"),
          modules: Rebeam.eval!("import sys\nsum('cell_py' in each for each in sys.modules)"),
          files: length(Path.wildcard(Path.join(System.tmp_dir!(), "rebeam-livebook-*/*")))
        }
      end

      for n <- 1..2, do: again.(n)
      before = left.()
      for n <- 3..22, do: again.(n)
      # What has ended may still be on its way out.
      wait_until(fn -> Enum.all?(left.(), fn {what, count} -> count <= before[what] end) end)
    end

    test "its end ends a body that never would, and whoever waits for it hears that" do
      test = self()

      pid =
        spawn(fn ->
          send(test, {:raised, catch_error(Livebook.run("while True:\n    pass\n"))})
        end)

      view = view()
      shown(view, &(&1.status == "starts" and &1.seen.trees == []))
      push_event(view, "stop", nil)
      assert_receive {:raised, %RuntimeError{message: message}}, 30_000
      assert message =~ "it was stopped"
      refute Process.alive?(pid)
    end

    @tag :slow
    test "its end ends what one of its names is asked for, too" do
      script = Livebook.run("def forever():\n    print('begins')\n    while True: pass")
      view = view()
      asks = spawn(fn -> Livebook.value(script, "forever()") end)
      shown(view, &(&1.text =~ "begins"))
      # As when the evaluation of that cell is stopped, and then this one's is.
      Process.exit(asks, :kill)
      [_view, _script] = for pid <- children(), do: Kino.terminate_child(pid)
      assert children() == []
    end

    test "isolation and strategy hold where the code does not say" do
      script =
        Livebook.run(
          """
          from rebeam import GenPy, Supervisor, child

          class A(GenPy):
              pass

          sup = Supervisor([A(), child(A(), isolation="shared")])
          other = Supervisor([A()], strategy="one_for_one")
          """,
          strategy: :rest_for_one
        )

      assert Livebook.value(script, "[sup.strategy, other.strategy]") == [
               "rest_for_one",
               "one_for_one"
             ]
    end
  end
end

defmodule RebeamTest do
  # Elixir code and Python actors in one VM: natural terms both ways.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @python "rebeam/elixir_side.py"

  @start """
  :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
  {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
  echo = wait_until(fn -> Rebeam.whereis("echo") end)
  show = &IO.inspect(&1, limit: :infinity, printable_limit: :infinity, width: 100_000)
  """

  @finish """
  Rebeam.Program.Script.stop(script, 0)
  receive do
    {:rebeam_script, ^script, {:status, 0}, :over} -> IO.puts("over")
  end
  """

  defp elixir(code) do
    folder = Program.folder(%{"main.py" => @python})
    result = Program.elixir(@start <> code <> @finish, cd: folder)
    assert result.status == 0, result.err
    lines = String.split(result.out, "\n", trim: true)
    assert List.last(lines) == "over"
    {Enum.drop(lines, -1), result.err}
  end

  test "what is counted is the same before there is a Python" do
    code = """
    before = Rebeam.info()
    {:ok, 2} = Rebeam.eval("1 + 1")
    IO.inspect({Map.keys(before) == Map.keys(Rebeam.info()), before.abandoned})
    """

    assert %{status: 0, out: "{true, 0}\n"} = Program.elixir(code)
  end

  @tag :slow
  test "call, cast and whereis" do
    {lines, _} =
      elixir("""
      show.(Rebeam.whereis("echo") == echo and is_pid(echo))
      show.(Rebeam.whereis("nobody"))
      show.(Rebeam.call("echo", "echo", "by name"))
      show.(Rebeam.call(echo, "echo", "by pid", 10_000))
      show.(Rebeam.call("echo", "error", %{"why" => 1}))
      show.(Rebeam.call("echo", "sleep", 0.2, 10))
      show.(Rebeam.call("nobody", "echo", nil))
      show.({Rebeam.cast("echo", "add", 1), Rebeam.cast(echo, "add", [2]), Rebeam.cast("nobody", "add", 3)})
      send(echo, {:plain, "message"})
      show.(Rebeam.call("echo", "seen", nil))
      show.(Rebeam.call("echo", "source", nil) == {:ok, self()})
      {:error, text} = Rebeam.call("echo", "unknown", nil)
      show.(text =~ "unknown")
      """)

    assert lines == [
             "true",
             "nil",
             ~s({:ok, "by name"}),
             ~s({:ok, "by pid"}),
             ~s({:error, %{"why" => 1}}),
             "{:timeout, nil}",
             ~s({:down, "noproc"}),
             "{true, true, false}",
             ~s({:ok, [1, [2], {:plain, "message"}]}),
             "true",
             "true"
           ]
  end

  @tag :slow
  test "a crash is {:down, traceback}, and the restarted actor answers" do
    {lines, _} =
      elixir("""
      # It logs to standard output.
      Logger.configure(level: :none)
      {:down, reason} = Rebeam.call("echo", "crash", nil)
      IO.puts(reason)
      show.(wait_until(fn ->
        case Rebeam.call("echo", "echo", 1) do
          {:ok, 1} -> :ok
          {:down, "noproc"} -> nil
        end
      end))
      show.(Rebeam.whereis("echo") != echo)
      """)

    assert ["Traceback (most recent call last):", "  File " <> _ | rest] = lines
    assert Enum.slice(rest, -3, 3) == ["ValueError: on purpose", ":ok", "true"]
  end

  test "terms to Python and back" do
    {lines, _} =
      elixir(~S"""
      terms = [nil, true, false, 0, -1, 2 ** 70, 1.5, "größe", "", [], [1, [2]], {}, {1, {2}},
               %{}, %{"b" => 1, 2 => [3]}, MapSet.new([1, "a"]), :ok, self(), make_ref(),
               ~D[2024-02-29], ~T[23:59:59.999999], ~N[2024-01-01 00:00:00],
               ~U[2024-01-01 00:00:00Z], %Rebeam.Bytes{data: "text"}, fn -> 1 end, %URI{host: "x"}]
      for term <- terms, do: show.({term, Rebeam.call("echo", "echo", term)} === {term, {:ok, term}})
      show.(Rebeam.call("echo", "echo", <<255>>))
      for term <- [nil, true, 1, 1.5, "text", <<255>>, [1], {1}, %{"a" => 1}, :ok,
                   MapSet.new([1]), ~D[2024-02-29]] do
        {:ok, text} = Rebeam.call("echo", "repr", term)
        IO.puts(text)
      end
      """)

    assert Enum.take(lines, 26) == List.duplicate("true", 26)

    assert Enum.drop(lines, 26) == [
             "{:ok, #Rebeam.Bytes<<<255>>>}",
             "NoneType None",
             "bool True",
             "int 1",
             "float 1.5",
             "str 'text'",
             "bytes b'\\xff'",
             "list [1]",
             "tuple (1,)",
             "dict {'a': 1}",
             "Atom Atom('ok')",
             "set {1}",
             "date datetime.date(2024, 2, 29)"
           ]
  end

  test "Python's values as Elixir sees them" do
    {lines, _} =
      elixir(~S"""
      {:ok, values} = Rebeam.call("echo", "values", nil)
      for key <- ["none", "numbers", "str", "bytes", "tuple", 5, "set", "date", "time", "naive", "utc", "atom"],
          do: show.({key, values[key]})
      show.(values["pid"] == echo)
      show.(map_size(values))
      {:ok, [decimal, thing, frozen, nan]} = Rebeam.call("echo", "objects", nil)
      IO.puts("#{decimal} #{inspect(decimal)}")
      show.(Enum.map([decimal, thing, frozen, nan], & &1.__struct__))
      {:ok, back} = Rebeam.call("echo", "repr", [thing, decimal, nan])
      IO.puts(back)
      """)

    assert lines == [
             ~s({"none", [nil, true, false]}),
             ~s({"numbers", [1, 1180591620717411303424, 1.5]}),
             ~s({"str", "größe"}),
             ~s({"bytes", #Rebeam.Bytes<<<255>>>}),
             ~s({"tuple", {1, {"a"}}}),
             ~s({5, %{"nested" => %{}}}),
             ~s({"set", ) <> inspect(MapSet.new([1, 2])) <> "}",
             ~s({"date", ~D[2024-02-29]}),
             ~s({"time", ~T[01:02:03]}),
             ~s({"naive", ~N[2024-01-01 00:00:00]}),
             ~s({"utc", ~U[2024-01-01 00:00:00Z]}),
             ~s({"atom", :ok}),
             "true",
             "13",
             "1.10 #Rebeam.Object<decimal.Decimal 1.10>",
             "[Rebeam.Object, Rebeam.Object, MapSet, Rebeam.Object]",
             "list [a thing, Decimal('1.10'), nan]"
           ]
  end

  test "targets of every kind, and what there is not" do
    {lines, _} =
      elixir(~S"""
      show.(Rebeam.call({"echo", node()}, "echo", 1))
      show.(Rebeam.cast({"echo", node()}, "add", 1))
      show.(Rebeam.call({"nobody", node()}, "echo", 1))
      show.(Rebeam.call({"echo", :"no@where"}, "echo", 1))
      show.(Rebeam.cast({"echo", :"no@where"}, "echo", 1))
      Process.register(echo, Echo)
      show.(Rebeam.call(Echo, "echo", 2))
      show.(Rebeam.call({Echo, node()}, "echo", 3))
      :global.register_name("global echo", echo)
      show.(Rebeam.call({:global, "global echo"}, "echo", 4))
      show.(Rebeam.cast({:global, "nobody"}, "echo", 4))
      show.(Rebeam.call({:via, :global, "nobody"}, "echo", 4))
      show.(Rebeam.call(Nobody, "echo", 4))
      show.(Rebeam.cast(Nobody, "echo", 4))
      {gone, monitor} = spawn_monitor(fn -> :ok end)
      receive do {:DOWN, ^monitor, _, _, _} -> show.(Rebeam.call(gone, "echo", 4)) end
      # It logs to standard output.
      Logger.configure(level: :none)
      show.(Rebeam.call(self(), "echo", 4))
      {:ok, agent} = Agent.start(fn -> 1 end)
      show.(Rebeam.call(agent, "echo", 4) |> elem(0))
      plain = spawn(fn -> receive do {:"$gen_call", from, _} -> GenServer.reply(from, :what) end end)
      show.(Rebeam.call(plain, "echo", 4))
      """)

    assert lines == [
             "{:ok, 1}",
             "true",
             ~s({:down, "noproc"}),
             ~s({:down, "noproc"}),
             "false",
             "{:ok, 2}",
             "{:ok, 3}",
             "{:ok, 4}",
             "false",
             ~s({:down, "noproc"}),
             ~s({:down, "noproc"}),
             "false",
             ~s({:down, "noproc"}),
             ~s({:down, "calling_self"}),
             ":down",
             ~s({:error, "not an actor's answer: :what"})
           ]
  end

  @tag :slow
  test "a timeout, two good calls, and no late answer anywhere" do
    {lines, _} =
      elixir(~S"""
      show.(Rebeam.call("echo", "sleep", 0.2, 10))
      show.(Rebeam.call("echo", "echo", 1))
      show.(Rebeam.call("echo", "echo", 2))
      Process.sleep(300)
      show.(Process.info(self(), :messages))
      """)

    assert lines == ["{:timeout, nil}", "{:ok, 1}", "{:ok, 2}", "{:messages, []}"]
  end

  @tag :slow
  test "what cannot be sent, or is no subject or option, raises at the caller" do
    {lines, _} =
      elixir(~S"""
      deep = Enum.reduce(1..20_000, [], fn _, list -> [list] end)
      tries = [
        fn -> Rebeam.call("echo", "echo", deep) end,
        fn -> Rebeam.cast("echo", "echo", deep) end,
        fn -> Rebeam.cast("echo", "echo", 1, sender: "echo") end,
        fn -> Rebeam.cast("echo", "echo", 1, sendr: self()) end
      ]
      for try <- tries do
        try do
          show.(try.())
        rescue
          error in ArgumentError -> IO.puts(error.message)
        end
      end
      show.(Rebeam.call("echo", "echo", "still there"))
      """)

    assert [deep, deep, ":sender is a pid, not \"echo\"", "unknown option :sendr" <> _, last] =
             lines

    assert deep =~ "nested"
    assert last == ~s({:ok, "still there"})
  end

  @tag :slow
  test "an Elixir application has scripts as children, and stops them in order" do
    folder =
      Program.folder(%{
        "app.py" => """
        import atexit, sys
        from rebeam import *
        print("body", sys.argv, sys.executable)
        atexit.register(print, "at exit")
        class A(GenPy):
            def __init__(self, name):
                self.name = name
            @receive("say")
            def say(self, message):
                print(message)
            @stop()
            def bye(self, reason):
                print("stop", self.name, reason)
        Supervisor(modules=[A("a1"), A("a2")])
        Supervisor(modules=[A("a3")])
        """,
        "main.py" => "import sys\nprint(sys.argv, 'A' in globals())\n"
      })

    result =
      Program.elixir(
        """
        Application.put_env(:rebeam, :python, System.fetch_env!("PYTHON_UNDER_TEST"))
        IO.inspect(Rebeam.info().actors)
        IO.inspect(Rebeam.whereis("a1"))

        defmodule App do
          use Application

          def start(_, _) do
            children = [{Rebeam, script: "app.py", args: ["x"], name: App.Python}]
            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end

        spec = [mod: {App, []}, applications: [:rebeam], modules: [App], registered: []] ++
                 [vsn: [], description: []]
        :ok = :application.load({:application, :app, spec})
        {:ok, _} = Application.ensure_all_started(:app)
        {:ok, nil} = Rebeam.call("a1", "say", "seen at once")

        # As the command does when an application has started Python before it.
        argv = ["main.py", "y"]
        :ok = Rebeam.Python.Runtime.start([script: "main.py", python: System.fetch_env!("PYTHON_UNDER_TEST")], argv)
        {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py", Rebeam.Python.Runtime.argv(argv))
        receive do {:rebeam_script, ^script, result, :over} -> IO.inspect(result) end
        System.stop(0)
        Process.sleep(:infinity)
        """,
        cd: folder
      )

    assert {result.status, result.err} == {0, ""}

    # What Elixir writes at the end may come later than what Python does.
    lines = String.split(result.out, "\n", trim: true)
    assert "{:status, 0}" in lines

    assert List.delete(lines, "{:status, 0}") == [
             "0",
             "nil",
             "body ['app.py', 'x'] " <> Program.python().executable,
             "seen at once",
             "['main.py', 'y'] False",
             "stop a3 shutdown",
             "stop a2 shutdown",
             "stop a1 shutdown",
             "at exit"
           ]
  end

  test "under the command, the project's applications are there before, and stopped after" do
    folder =
      Program.folder(%{
        "child.py" => """
        from rebeam import *
        class Kid(GenPy):
            name = "child"
            @receive("hi")
            def hi(self):
                return "hi"
            @stop()
            def bye(self):
                print("child stopped")
        Supervisor(modules=[Kid()])
        """,
        "main.py" => """
        import sys
        from rebeam import *
        print(sys.argv, *call("child", "hi"), "Kid" in globals())
        class Main(GenPy):
            @stop()
            def bye(self):
                print("main stopped")
        Supervisor(modules=[Main(), child(lambda: sleep(0.1), restart="temporary", significant=True)])
        """,
        "app/ebin/rebeam_child_app.app" => """
        {application, rebeam_child_app, [{vsn, "1"}, {applications, [kernel, stdlib, rebeam]},
          {registered, []}, {modules, ['Elixir.Rebeam.ChildApp']}, {mod, {'Elixir.Rebeam.ChildApp', []}}]}.
        """
      })

    [{module, beam}] =
      Code.compile_string("""
      defmodule Rebeam.ChildApp do
        use Application
        def start(_, _) do
          Supervisor.start_link([{Rebeam, script: "child.py"}], strategy: :one_for_one)
        end
      end
      """)

    ebin = Path.join(folder, "app/ebin")
    File.write!(Path.join(ebin, "#{module}.beam"), beam)
    Code.append_path(ebin)
    start = %{arguments: ["main.py", "x"], applications: [:rebeam, :rebeam_child_app]}
    flags = Rebeam.CLI.Handover.flags(start)
    Code.delete_path(ebin)
    program = Path.join(System.fetch_env!("BINDIR"), "erlexec")
    env = [{"REBEAM_PYTHON", Program.python().executable}]
    {out, status} = System.cmd(program, flags, cd: folder, env: env, stderr_to_stdout: true)

    assert {String.split(out, "\n", trim: true), status} ==
             {["['main.py', 'x'] ok hi False", "main stopped", "child stopped"], 0}
  end

  @tag :slow
  test "many Elixir processes call at once" do
    {lines, _} =
      elixir(~S"""
      1..2000
      |> Task.async_stream(&{&1, Rebeam.call("echo", "echo", {&1}, 60_000)}, max_concurrency: 200, timeout: :infinity)
      |> Enum.all?(fn {:ok, {n, answer}} -> answer == {:ok, {n}} end)
      |> show.()
      show.(wait_until(fn -> Map.take(Rebeam.info(), [:suspended, :queued]) == %{suspended: 1, queued: 0} end))
      """)

    # `silent` sleeps.
    assert lines == ["true", "true"]
  end
end

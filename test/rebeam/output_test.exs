defmodule Rebeam.OutputTest do
  # What Python prints in a VM that somebody else than a terminal started it in.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @prelude """
  import Rebeam.Leader
  leader = start()
  script = fn name, options ->
    lead(leader, fn -> Rebeam.start_link([script: name] ++ options) end)
  end
  """

  defp everything(who) do
    """
    #{who} print
    #{who} stderr
    #{who} bytes é
    WARNING:root:#{who} logging
    main.py:LINE: UserWarning: #{who} warning
      warnings.warn(f"{who} warning", stacklevel=1)
    #{who} child
    #{who} child error
    #{who} system
    #{who} descriptor
    #{who} thread
    Exception in thread #{who} raiser:
    """
  end

  # Without what differs from Python to Python, and from place to place.
  defp same(text) do
    text
    |> String.replace(~r"\S*main\.py:\d+", "main.py:LINE")
    |> String.replace(
      ~r"Exception in thread (.*):\n(.*\n)*?ZeroDivisionError.*\n",
      "Exception in thread \\1:\n"
    )
  end

  describe "all that is printed goes to the group leader of who started it:" do
    @tag :slow
    test "in the body, and in actors that are shared or in process units" do
      everywhere(["shared", "process"])
    end

    @tag :slow
    @tag skip: InterpreterProgram.lacks_units()
    test "in actors of interpreter units" do
      for python <- InterpreterProgram.pythons(),
          do: everywhere(["interpreter"], python.executable)
    end
  end

  defp everywhere(kinds, python \\ Program.python().executable) do
    [body | told] = everywhere_told(kinds, python)
    task = &"#{&1} task\n#{&1} to_thread\n#{&1} async child\n"
    assert same(body) == everything("body") <> task.("body") <> "no line's end"

    for {kind, [handler, async, others, stop]} <- Enum.zip(kinds, Enum.chunk_every(told, 4)) do
      assert same(handler) == everything(kind)
      assert async == task.(kind)

      # Which of them comes first is not known.
      lines = others |> String.split("\n", trim: true) |> Enum.sort()
      assert lines == Enum.map(["async_", "by thread", "spawned", "started"], &"#{kind} #{&1}")
      assert stop == "#{kind} stop"
    end
  end

  # The units' node wants a name, and the last actor is the first to stop.
  defp everywhere_told(kinds, python) do
    code = """
    :ok = Rebeam.OwnNode.start("output", :shortnames)
    Application.put_env(:rebeam, :workers, 1)
    kinds = #{inspect(kinds)}
    {:ok, pid} = script.("main.py", args: kinds)
    body = take(leader)

    # What a child process wrote, and what other processes print, comes by itself.
    printed = fn count ->
      Process.put(:printed, "")

      wait_until(fn ->
        text = Process.get(:printed) <> take(leader)
        Process.put(:printed, text)
        length(String.split(text, "\\n")) > count && text
      end)
    end

    told =
      for kind <- kinds do
        {:ok, nil} = Rebeam.call(kind, "everything", nil, 60_000)
        handler = take(leader)
        {:ok, nil} = Rebeam.call(kind, "async", nil)
        async = printed.(3)
        {:ok, nil} = Rebeam.call(kind, "start", nil)
        [handler, async, printed.(4)]
      end

    Rebeam.stop(pid)
    stops = leader |> take() |> String.split(~r"(?<=stop)") |> Enum.reverse() |> tl() |> Enum.map(&[&1])
    [body | List.flatten(Enum.zip_with(told, stops, &(&1 ++ &2)))] |> :erlang.term_to_binary() |> Base.encode64() |> IO.puts()
    """

    folder = Program.folder(%{"main.py" => "output/everything.py"})

    result =
      Program.elixir(@prelude <> code, cd: folder, limit: 200, env: [{"REBEAM_PYTHON", python}])

    assert result.status == 0, result.out <> result.err
    result.out |> String.trim() |> Base.decode64!() |> :erlang.binary_to_term()
  end

  @tag :slow
  test "each gets what its own scripts print, in lines that do not mix" do
    code = """
    leaders = for n <- 1..3, do: {n, start()}
    scripts = for {n, leader} <- leaders do
      {:ok, pid} = lead(leader, fn -> Rebeam.start_link(script: "main.py", args: ["w\#{n}"]) end)
      pid
    end

    for {n, leader} <- leaders do
      for worker <- 0..3, do: true = Rebeam.cast("w\#{n}.\#{worker}", "print", 50)
      lines = wait_until(fn ->
        text = Process.get(n, "") <> take(leader)
        Process.put(n, text)
        lines = String.split(text, "\\n", trim: true)
        length(lines) == 400 && lines
      end)
      IO.inspect({n, Enum.frequencies(lines)
        |> Enum.all?(fn {line, count} -> count == 50 and line =~ ~r"^w\#{n}.[0-3] (actor|thread) \\d+ x{300} $" end)})
    end

    Enum.each(scripts, &Rebeam.stop/1)
    """

    program = """
    import sys, threading
    from rebeam import GenPy, Supervisor, receive

    class Worker(GenPy):
        def __init__(self, name):
            self.name = name

        @receive("print")
        def many(self, message):
            def each(who):
                for n in range(message):
                    print(self.name, who, 7, "x" * 300, "")
            thread = threading.Thread(target=each, args=("thread",))
            thread.start()
            each("actor")
            thread.join()

    Supervisor([Worker(f"{sys.argv[1]}.{n}") for n in range(4)])
    """

    assert lines!(program, code) == ["{1, true}", "{2, true}", "{3, true}"]
  end

  describe "a group leader" do
    test "that is slow holds up who prints, and nobody else" do
      program = """
      from rebeam import GenPy, Supervisor, receive

      class Printer(GenPy):
          def __init__(self, name):
              self.name = name

          @receive("print")
          def print(self, message):
              print(self.name, message)
              return message

      Supervisor([Printer("slow"), Printer("quick")])
      """

      code = """
      {:ok, pid} = script.("main.py", [])
      hold(leader)
      {:timeout, nil} = Rebeam.call("slow", "print", 1, 200)
      receive do {:held, ^leader, text} -> IO.write(text) end
      # Another actor of the same interpreter answers, as it prints for somebody else.
      other = start()
      {:ok, more} = lead(other, fn -> Rebeam.GenPy.start_link({"other", "Other"}, path: ".") end)
      IO.inspect(Rebeam.call(more, "print", 2))
      IO.write(take(other))
      go_on(leader)
      IO.inspect(Rebeam.call("slow", "print", 3))
      IO.write(take(leader))
      hold(leader)
      {:timeout, nil} = Rebeam.call("slow", "print", 4, 100)
      receive do {:held, ^leader, _} -> Process.exit(leader, :kill) end
      # What it did not get any more is the terminal's.
      IO.inspect(Rebeam.call("quick", "print", 5))
      Rebeam.stop(pid)
      """

      other = """
      from rebeam import GenPy, receive

      class Other(GenPy):
          @receive("print")
          def print(self, message):
              print("other", message)
              return message
      """

      assert lines!(program, code, %{"other.py" => other}) ==
               ["slow 1", "{:ok, 2}", "other 2", "{:ok, 3}", "slow 1", "slow 3", "quick 5"] ++
                 ["{:ok, 5}"]
    end

    @tag :slow
    test "that is held up does not keep a script from being stopped" do
      program = """
      from rebeam import GenPy, Supervisor, receive

      class Printer(GenPy):
          name = "printer"

          @receive("print")
          def print(self, message):
              try:
                  while True:
                      print(message)
              finally:
                  open("ended", "w").close()

      Supervisor([Printer()])
      """

      code = """
      {:ok, pid} = script.("main.py", [])
      hold(leader)
      Rebeam.cast("printer", "print", "held")
      receive do {:held, ^leader, text} -> IO.write(text) end
      Process.flag(:trap_exit, true)
      Process.exit(Rebeam.whereis("printer"), :kill)
      # Its thread, which is abandoned no longer than it takes to end it.
      wait_until(fn -> File.exists?("ended") end)
      wait_until(fn -> Rebeam.info().abandoned == 0 end)
      IO.puts("ended")
      """

      assert lines!(program, code) == ["held", "ended"]
    end

    @tag :slow
    test "of another node, which goes away" do
      program = """
      from rebeam import GenPy, Supervisor, receive

      class Printer(GenPy):
          name = "printer"

          @receive("print")
          def print(self, message):
              print(message)
              return message

      print("body")
      Supervisor([Printer()])
      """

      code = """
      :ok = Rebeam.OwnNode.start("output", :shortnames)
      paths = Enum.flat_map(:code.get_path(), &[~c"-pa", &1])
      {:ok, peer, node} = :peer.start_link(%{name: :"leader\#{System.pid()}", args: paths})
      far = :erpc.call(node, Rebeam.Leader, :start, [])
      {:ok, pid} = lead(far, fn -> Rebeam.start_link(script: "main.py") end)
      IO.write(take(far))
      IO.inspect(Rebeam.call("printer", "print", "far"))
      IO.write(take(far))
      :peer.stop(peer)
      wait_until(fn -> Node.list() == [] end)
      IO.inspect(Rebeam.call("printer", "print", "here"))
      Rebeam.stop(pid)
      """

      assert lines!(program, code) ==
               ["body", ~s({:ok, "far"}), "far", "here", ~s({:ok, "here"})]
    end

    test "that is the terminal leaves all as it is under python" do
      program = """
      import os, sys, subprocess
      print(type(sys.stdout.buffer).__name__, sys.stdout.fileno(), sys.stdout.isatty())
      os.write(1, b"descriptor\\n")
      subprocess.run(["echo", "child"])
      """

      code = """
      :ignore = Rebeam.start_link(script: "main.py")
      """

      assert lines!(program, code) == ["BufferedWriter 1 False", "descriptor", "child"]
    end
  end

  defp lines!(program, code, files \\ %{}) do
    folder = Program.folder(Map.merge(%{"main.py" => program}, files))
    result = Program.elixir(@prelude <> "_ = script\n" <> code, cd: folder)
    assert result.status == 0, result.out <> result.err
    String.split(result.out, "\n", trim: true)
  end
end

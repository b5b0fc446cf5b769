defmodule Rebeam.Program.GivenTest do
  # What Elixir gives a script: variables, and what holds where its body does not say.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program, Session}

  defp script(code) do
    path = Path.join(Program.folder(%{"main.py" => code}), "main.py")
    on_exit(fn -> File.rm(path) end)
    path
  end

  defp start(path, options) do
    {:ok, script} = Rebeam.start([script: path] ++ options)
    on_exit(fn -> if Process.alive?(script), do: Rebeam.stop(script) end)
    script
  end

  @asked """
  from rebeam import GenPy, Supervisor, receive

  class Asked(GenPy):
      name = "gv_asked"

      @receive("ask")
      def ask(self, message):
          return message, given

  given = globals().get("numbers")
  sup = Supervisor([Asked()])
  """

  test "variables, at each start those of that start" do
    path = script(@asked)
    script = start(path, bindings: [numbers: [1, 2]])
    assert Rebeam.call("gv_asked", "ask", 3) == {:ok, {3, [1, 2]}}
    Rebeam.stop(script)
    script = start(path, bindings: %{"numbers" => {3}})
    assert Rebeam.call("gv_asked", "ask", 3) == {:ok, {3, {3}}}
    Rebeam.stop(script)
    start(path, [])
    assert Rebeam.call("gv_asked", "ask", 3) == {:ok, {3, nil}}
  end

  test "large memory is the same, not a copy" do
    bytes = :binary.copy(<<7>>, 8_000_000)
    buffer = %Rebeam.Buffer{dtype: "uint8", shape: {8_000_000}, data: bytes, type: "memoryview"}
    path = script(@asked)
    start(path, bindings: [numbers: buffer])
    assert Rebeam.info().shared > 0
    {:ok, session} = Session.start_link(script: path)
    assert Rebeam.eval("len(numbers), numbers[0]", [], session: session) == {:ok, {8_000_000, 7}}
    assert Rebeam.eval("numbers.readonly", [], session: session) == {:ok, true}
  end

  @tag :capture_log
  test "a session has the names of a script, also while its trees run, and leaves them" do
    path = script(@asked)
    start(path, bindings: [numbers: 5])
    {:ok, session} = Session.start_link(script: path)
    assert Rebeam.eval("given", [], session: session) == {:ok, 5}
    assert Rebeam.eval("given = Asked.__name__", [], session: session) == {:ok, nil}
    Rebeam.stop(session)
    assert Rebeam.call("gv_asked", "ask", 1) == {:ok, {1, "Asked"}}
    Process.flag(:trap_exit, true)
    assert {:error, {%{type: "LookupError"}, []}} = Session.start_link(script: "no_such.py")
  end

  test "a strategy" do
    path = script(@asked)
    start(path, strategy: :one_for_all)
    {:ok, session} = Session.start_link(script: path)
    assert Rebeam.eval("sup.strategy", [], session: session) == {:ok, "one_for_all"}
    {:ok, alone} = Session.start_link()
    code = "from rebeam import Supervisor\nwith_it = Supervisor([]).strategy"
    assert Rebeam.eval(code <> "\nwith_it", [], session: alone) |> elem(0) == :ok
  end

  test "what cannot be given" do
    path = script("")

    for {option, text} <- [
          {[bindings: [{"a b", 1}]], "a binding has the name"},
          {[isolation: :apart], ":isolation is one of"},
          {[strategy: "one_for_all"], ":strategy is one of"}
        ] do
      assert_raise ArgumentError, ~r/#{text}/, fn -> Rebeam.start([script: path] ++ option) end
    end
  end

  @main """
  import os, threading
  from rebeam import GenPy, Supervisor, receive

  DOUBLED = [2 * each for each in numbers]

  class Given(GenPy):
      name = "given"

      @receive("ask")
      def ask(self, message):
          return [os.getpid(), numbers, DOUBLED]

  Supervisor([Given()])
  """

  @code """
  Logger.configure(level: :error)
  :ok = Rebeam.OwnNode.start("given", :shortnames)
  Application.put_env(:rebeam, :workers, 1)

  for numbers <- [[1, 2], [3]] do
    options = [script: "main.py", isolation: isolation, bindings: [numbers: numbers]]
    {:ok, script} = Rebeam.start(options)
    {:ok, [pid | told]} = Rebeam.call("given", "ask", nil)
    [%{unit: unit}] = Rebeam.Observe.of([Rebeam.whereis("given")])
    IO.inspect({Integer.to_string(pid) == System.pid(), unit, told})
    Rebeam.stop(script)
  end
  """

  defp told(isolation, python) do
    folder = Program.folder(%{"main.py" => @main})
    options = [cd: folder, env: [{"REBEAM_PYTHON", python}], limit: 200]
    result = Program.elixir("isolation = #{inspect(isolation)}\n" <> @code, options)
    assert result.status == 0, result.out <> result.err
    result.out
  end

  defp lines(here?, unit) do
    """
    {#{here?}, "#{unit}", [[1, 2], [2, 4]]}
    {#{here?}, "#{unit}", [[3], [6]]}
    """
  end

  @tag :slow
  test "units have the variables, too, and the isolation holds for children that name none" do
    python = Program.python().executable
    assert told(:process, python) == lines(false, "process 1")
    assert told(nil, python) == lines(true, "shared")

    for python <- InterpreterProgram.pythons(),
        do: assert(told(:interpreter, python.executable) == lines(true, "interpreter 1"))
  end
end

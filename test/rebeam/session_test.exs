defmodule Rebeam.SessionTest do
  # Code that Elixir has evaluated.
  use ExUnit.Case, async: true

  import Rebeam.Leader
  import Rebeam.Waiting

  alias Rebeam.{Program, PythonError, Session}

  doctest Rebeam.Session

  defp session do
    {:ok, session} = Session.start_link()
    session
  end

  defp error(code, options \\ []) do
    assert {:error, %PythonError{} = error} = Rebeam.eval(code, [], options)
    error
  end

  describe "a value" do
    test "is that of the last expression" do
      assert Rebeam.eval("1 + 1") == {:ok, 2}

      assert Rebeam.eval("x = 3\n[x, {'k': (x, None)}]\n# done\n") ==
               {:ok, [3, %{"k" => {3, nil}}]}

      assert Rebeam.eval("x = 3") == {:ok, nil}
      assert Rebeam.eval("") == {:ok, nil}
      assert Rebeam.eval("'ä' + name", %{"name" => "ö"}) == {:ok, "äö"}
      assert Rebeam.eval!("import datetime\ndatetime.date(2024, 2, 29)") == ~D[2024-02-29]
    end

    test "comes back to Python as what it is" do
      session = session()
      {:ok, point} = Rebeam.eval("class Point:\n  pass\nPoint()", [], session: session)
      code = "type(point) is Point and elixir == {'a': [1, None]}"
      bindings = [point: point, elixir: %{"a" => [1, nil]}]
      assert Rebeam.eval(code, bindings, session: session) == {:ok, true}
    end

    test "that cannot be sent is an error of the code, and ends nothing" do
      session = session()
      error = error("import threading\nlock = threading.Lock()\nlock", session: session)
      assert error.type == "TypeError"
      assert error.message =~ "cannot pickle '_thread.lock'"
      assert Rebeam.eval("lock.locked()", [], session: session) == {:ok, false}
    end
  end

  describe "an error" do
    test "has the lines of the code, and none of ours" do
      error = error("def f():\n    return 1 / 0\n\nf()", file: "cell", line: 41)

      assert [
               "Traceback (most recent call last):",
               ~s(  File "cell", line 44, in <module>),
               "    f()" | _
             ] = lines = String.split(error.traceback, "\n", trim: true)

      assert ~s(  File "cell", line 42, in f) in lines
      assert List.last(lines) == "ZeroDivisionError: division by zero"
      assert Enum.count(lines, &(&1 =~ "File")) == 2
    end

    test "of the compiler, too" do
      error = error("x = 1\nx = = 2", file: "cell", line: 7)
      assert error.type == "SyntaxError"
      assert error.traceback =~ ~r/\A  File "cell", line 8\n    x = = 2\n/
    end

    test "is also an exit" do
      assert %{type: "SystemExit", traceback: "SystemExit: 3"} = error("import sys\nsys.exit(3)")
      assert error("raise KeyboardInterrupt").type == "KeyboardInterrupt"

      assert_raise PythonError, ~r"ValueError: no", fn ->
        Rebeam.eval!("raise ValueError('no')")
      end
    end

    test "in what was asked for" do
      for {bindings, text} <- [{[{"a b", 1}], "a binding has"}, {[1], "bindings are"}] do
        assert_raise ArgumentError, ~r/#{text}/, fn -> Rebeam.eval("1", bindings) end
      end

      assert_raise ArgumentError, fn -> Rebeam.eval("1", [], line: 0) end
      assert_raise ArgumentError, fn -> Rebeam.eval("1", [], lines: 1) end
    end
  end

  test "each session has its own names, and none is left of one that is over" do
    [one, two] = [session(), session()]
    assert Rebeam.eval("x = 1", [], session: one) == {:ok, nil}
    assert error("x", session: two).type == "NameError"
    assert Rebeam.eval("x += y\nx", [y: 2], session: one) == {:ok, 3}
    {:ok, name} = Rebeam.eval("__name__", [], session: one)
    assert Rebeam.stop(one) == :ok
    assert Rebeam.eval("x", [], session: one) == {:error, {:down, "noproc"}}
    code = "import sys\nname in sys.modules"
    wait_until(fn -> Rebeam.eval(code, name: name) == {:ok, false} end)
  end

  test "a name, a supervisor, and actors that are defined there" do
    start_supervised!({Session, name: "se_named"})

    code = """
    from rebeam import GenPy, Supervisor, receive, sleep

    class Slow(GenPy):
        name = "se_slow"

        @receive("work")
        def work(self, message):
            sleep(0.01)
            return message

    Supervisor([Slow()])
    None
    """

    assert Rebeam.eval(code, [], session: "se_named") == {:ok, nil}
    assert Rebeam.call("se_slow", "work", 3) == {:ok, 3}
    assert Rebeam.eval("from rebeam import ask\nask('se_slow', 'work', 4)") == {:ok, 4}
    DynamicSupervisor.terminate_child(Rebeam.Processes, hosted("se_slow"))
  end

  defp hosted(name) do
    {:dictionary, dictionary} = name |> Rebeam.whereis() |> Process.info(:dictionary)
    Enum.find(dictionary[:"$ancestors"], &(is_pid(&1) and &1 in processes()))
  end

  defp processes,
    do: for({_, pid, _, _} <- DynamicSupervisor.which_children(Rebeam.Processes), do: pid)

  test "what takes too long is ended" do
    assert Rebeam.eval("while True: pass", [], timeout: 50) == {:error, :timeout}
    assert Rebeam.eval("1") == {:ok, 1}
  end

  test "what it prints is whose session it is" do
    leader = start()
    session = lead(leader, &session/0)
    assert Rebeam.eval("print('session')", [], session: session) == {:ok, nil}
    assert lead(leader, fn -> Rebeam.eval("print('once')") end) == {:ok, nil}
    assert take(leader) == "session\nonce\n"
  end

  test "Python is started for it" do
    result = Program.elixir("IO.inspect(Rebeam.eval!(\"6 * 7\"))")
    assert {result.status, result.out} == {0, "42\n"}
  end
end

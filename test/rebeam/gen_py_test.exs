defmodule Rebeam.GenPyTest do
  # Single Python actors as children of Elixir supervisors.
  use Rebeam.ElixirChildCase, async: false

  alias Rebeam.{Program, PythonError}

  test "is a child with arguments, a name and a folder", context do
    supervise([
      {Rebeam.GenPy,
       {{context.module, "Counter", [5], %{"step" => 2}},
        name: "gp_counter", path: context.folder}},
      {Rebeam.GenPy,
       {{context.module, "Counter", [], step: 10},
        name: Rebeam.GenPyAtom, id: :atom, path: [context.folder]}}
    ])

    assert Rebeam.call("gp_counter", "add", 1) == {:ok, 7}
    assert Rebeam.call(Rebeam.GenPyAtom, "add", 1) == {:ok, 10}
    assert Rebeam.call("Elixir.Rebeam.GenPyAtom", "add", 1) == {:ok, 20}
    assert Rebeam.whereis("gp_counter") |> is_pid()
    assert Rebeam.cast(Rebeam.GenPyAtom, "add", 1)
  end

  test "has the id of its name, else of its class" do
    assert %{id: "x"} = Rebeam.GenPy.child_spec({{"m", "C"}, name: "x"})
    assert %{id: {Rebeam.GenPy, "m", "C"}} = Rebeam.GenPy.child_spec({"m", "C", [1], %{}})

    assert %{id: 1, restart: :temporary, shutdown: 10, significant: true} =
             Rebeam.GenPy.child_spec(
               {{"m", "C"}, id: 1, restart: :temporary, shutdown: 10, significant: true}
             )
  end

  test "a restart builds a fresh object from the same arguments", context do
    supervise([
      {Rebeam.GenPy,
       {{context.module, "Pair", [["first"]]}, name: "gp_pair", path: context.folder}}
    ])

    old = Rebeam.whereis("gp_pair")
    assert Rebeam.call("gp_pair", "items", nil) == {:ok, ["first", 1]}
    assert {:down, traceback} = Rebeam.call("gp_pair", "crash", nil)
    assert traceback =~ "ValueError: on purpose"
    assert replaced("gp_pair", old) != old
    assert Rebeam.call("gp_pair", "items", nil) == {:ok, ["first", 1]}
  end

  test "the supervisor's strategy and the child's restart hold", context do
    path = [path: context.folder]

    tree =
      supervise(
        [
          {Rebeam.GenPy, {{context.module, "Counter", []}, [name: "gp_a"] ++ path}},
          {Rebeam.GenPy, {{context.module, "Counter", []}, [name: "gp_b"] ++ path}},
          {Rebeam.GenPy,
           {{context.module, "Counter", []}, [name: "gp_c", restart: :transient] ++ path}}
        ],
        strategy: :rest_for_one
      )

    [a, b, c] = Enum.map(~w(gp_a gp_b gp_c), &Rebeam.whereis/1)
    Rebeam.call("gp_b", "crash", nil)
    assert replaced("gp_b", b) && replaced("gp_c", c)
    assert Rebeam.whereis("gp_a") == a

    # An orderly end of a transient child is the end.
    c = Rebeam.whereis("gp_c")
    monitor = Process.monitor(c)
    assert {:down, "normal"} = Rebeam.call("gp_c", "exit", 0)
    assert_receive {:DOWN, ^monitor, _, _, :normal}
    assert Supervisor.count_children(tree).active == 2
  end

  test "is stopped in reverse order, and @stop runs", context do
    children =
      for n <- 1..3 do
        {Rebeam.GenPy,
         {{context.module, "Counter", [n], log: context.log}, id: n, path: context.folder}}
      end

    supervise(children)
    stop_supervised!(:tree)
    assert lines(context) == ["stop 3 shutdown", "stop 2 shutdown", "stop 1 shutdown"]
  end

  test "suspends functions of its folder", context do
    path = [path: context.folder]

    supervise([
      {Rebeam.GenPy, {{context.module, "Asked"}, [name: "asked_by_inner"] ++ path}},
      {Rebeam.GenPy, {{context.module, "Outer.Inner"}, [name: "inner"] ++ path}}
    ])

    assert Rebeam.call("inner", "hi", nil) == {:ok, "asked"}
  end

  test "what is missing or raises is an error with the traceback", context do
    start = fn actor ->
      Process.flag(:trap_exit, true)
      Rebeam.GenPy.start_link(actor, path: context.folder)
    end

    assert {:error, {%PythonError{type: "ModuleNotFoundError"} = error, []}} =
             start.({"no_such_module", "X"})

    assert error.message == "No module named 'no_such_module'"
    assert error.traceback =~ "the option path: adds folders"

    assert {:error, {%PythonError{type: "AttributeError"} = error, []}} =
             start.({context.module, "Nothing"})

    assert error.message =~ "has no 'Nothing' (its actors: Counter, Pair, Asked, StartFails)"

    assert {:error, {%PythonError{type: "TypeError", message: message}, []}} =
             start.({context.module, "Plain"})

    assert message =~ "#{context.module}.Plain is no GenPy class"

    assert {:error, {%PythonError{type: "ValueError"} = error, []}} =
             start.({context.module, "Counter", ["bad"]})

    assert Exception.message(error) =~ ~r/line 7, in __init__.*constructed badly/s
    assert {:error, {%PythonError{type: "TypeError"}, []}} = start.({context.module, "Pair"})

    assert {:error, {%PythonError{type: "KeyError"}, []}} = start.({context.module, "StartFails"})

    # Each start failed in the caller's hands alone. Newer OTP takes the message of the end away.
    if String.to_integer(System.otp_release()) < 26 do
      for _ <- 1..6, do: assert_receive({:EXIT, _, {%PythonError{}, []}})
    end

    refute_received {:EXIT, _, _}
  end

  test "a name that is taken", context do
    actor = {context.module, "Counter"}
    options = [name: "gp_taken", path: context.folder]
    {:ok, pid} = Rebeam.GenPy.start_link(actor, options)
    Process.flag(:trap_exit, true)
    assert {:error, {:already_started, ^pid}} = Rebeam.GenPy.start_link(actor, options)
  end

  test "bad arguments are told before anything starts" do
    for {bad, text} <- [
          {"Counter", "an actor is {module, class, args, kwargs}"},
          {{"m", :C}, "an actor is"},
          {{"m", "C", 1}, "an actor is"},
          {{"m", "C", [], %{1 => 2}}, "kwargs map names"},
          {{{"m", "C"}, nme: "x"}, "unknown option :nme"}
        ] do
      assert_raise ArgumentError, ~r/#{text}/, fn -> Rebeam.GenPy.child_spec(bad) end
    end

    assert_raise ArgumentError, ~r/unknown option :restart/, fn ->
      Rebeam.GenPy.start_link({"m", "C"}, restart: :permanent)
    end
  end

  test "a crash ends who is linked to it, and takes no other's", context do
    {:ok, other} = Rebeam.GenPy.start_link({context.module, "Counter"}, path: context.folder)
    Process.flag(:trap_exit, true)
    {:ok, pid} = Rebeam.GenPy.start_link({context.module, "Counter"}, path: context.folder)
    Rebeam.cast(pid, "crash", nil)
    assert_receive {:EXIT, ^pid, {%PythonError{message: "on purpose"}, []}}
    assert Rebeam.call(other, "add", 1) == {:ok, 1}
  end

  test "another Python cannot run beside the first" do
    other = Program.folder(%{"bin/python3" => "#!/bin/sh\nexec /bin/false\n"})
    File.chmod!(Path.join(other, "bin/python3"), 0o755)

    assert {:error, text} =
             Rebeam.GenPy.start_link({"x", "X"}, python: Path.join(other, "nothing"))

    assert text =~ "python: no Python interpreter at"
    assert {:error, text} = Rebeam.GenPy.start_link({"x", "X"}, python: other)
    assert is_binary(text)
  end
end

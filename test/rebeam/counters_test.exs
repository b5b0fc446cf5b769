defmodule Rebeam.CountersTest do
  # Counters, gauges and flags: one for all of a program, wherever it is changed.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, InterpreterProgram, Program}

  for {place, lacks} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", InterpreterProgram.lacks_units()}
      ] do
    @tag :slow
    @tag skip: lacks
    test "#{place}: no change is lost, none is seen twice, and no actor's end matters" do
      options = ["--workers", "2", "--isolation", unquote(place)]

      python =
        if unquote(place) == "interpreter",
          do: ["--python", hd(InterpreterProgram.pythons()).executable],
          else: []

      assert Program.lines!("counters/counters/one_for_all.py", options: options ++ python) == [
               "8 True True",
               "True",
               "1 True True",
               "['down', 'down'] 14",
               "True True"
             ]
    end
  end

  test "what they do" do
    assert [
             "0 1 6 4 3 0 None 9 0",
             "None True True -1 <Counter 'n'>",
             "0.0 1.0 1.25 0.25 None 3.0 3.0 <Gauge 'x'>",
             "inf nan None 0.0",
             "False True False True True False True <Flag 'flag'>",
             "True 1 1",
             "TypeError: a counter counts in whole numbers, not 1.5",
             "OverflowError: a counter's numbers have 64 bits",
             "TypeError: set() missing its argument 'value'",
             "TypeError: a counter counts in whole numbers, not None",
             "TypeError: add() takes at most 1 argument (2 given)",
             "TypeError: add() takes no keyword but 'n'",
             "TypeError: must be real number, not str",
             ~s(ValueError: "n" is a counter),
             ~s(ValueError: "n" is a counter),
             "TypeError: a name must be a str, not 5",
             "UnicodeEncodeError: " <> _
           ] = Program.lines!("counters/counters/what_they_do.py")
  end

  test "a program that is run by plain python can make them, and no more" do
    program = """
    from rebeam import Counter, Flag, Gauge
    hits, flag = Counter("hits"), Flag("f")
    print(hits, Gauge("x") is Gauge("x"))
    for use in (hits.add, hits.get, lambda: bool(flag)):
        try:
            use()
        except RuntimeError as error:
            print(error)
    """

    path = Path.expand("../../python", __DIR__)
    result = Program.run(program, via: :python, env: [{"PYTHONPATH", path}])
    assert %{status: 0, err: ""} = result
    assert ["<Counter 'hits'> True" | refused] = String.split(result.out, "\n", trim: true)
    assert [_, _, _] = refused
    assert Enum.all?(refused, &(&1 =~ "rebeam main.py"))
  end

  test "what Elixir cannot set is said in words" do
    refused = fn fun -> assert_raise(ArgumentError, fun).message end
    alias Rebeam.Counter

    for number <- [1.5, 0x8000000000000000, nil] do
      text = "a counter counts in integers of 64 bits, not #{inspect(number)}"
      assert refused.(fn -> Counter.add("refused", number) end) == text
      assert refused.(fn -> Counter.set("refused", number) end) == text
    end

    for number <- ["x", Integer.pow(10, 400), :infinity] do
      text = "a gauge is a number that a float can be, not #{inspect(number)}"
      assert refused.(fn -> Counter.set("refused", number, :gauge) end) == text
    end

    for name <- [:refused, <<255>>],
        do:
          assert(
            refused.(fn -> Counter.get(name) end) == "a name is a string, not #{inspect(name)}"
          )

    assert refused.(fn -> Counter.get("refused", :flag) end) ==
             "it is a :counter or a :gauge, not :flag"

    assert Counter.set("refused gauge", Integer.pow(10, 20), :gauge) == :ok
    assert Counter.get("refused gauge", :gauge) == 1.0e20
    assert Counter.add("refused", -0x8000000000000000) == -0x8000000000000000
  end

  @tag :slow
  test "Elixir reads and writes them, too" do
    program = """
    from rebeam import *
    class Python(GenPy):
        name = "python"
        @receive("all")
        def all(self):
            return Counter("n").add(2), Gauge("x").get(), Flag("f").clear()
    Supervisor(modules=[child(Python(), isolation="process")])
    """

    code = ~S"""
    alias Rebeam.Counter
    wait_until(fn -> Rebeam.whereis("python") end)
    show.({Counter.add("n", 40), Counter.set("x", 1.5, :gauge), Counter.raise_flag("f")})
    show.(Rebeam.call("python", "all", nil))
    show.({Counter.get("n"), Counter.flag?("f"), Counter.add("x", 1, :gauge)})
    show.({Counter.reset("x", :gauge), Counter.get("x", :gauge), Counter.clear_flag("f")})
    show.(try do Counter.get("n", :gauge) rescue error in ArgumentError -> error.message end)
    show.({Counter.add("n", -1), Counter.add("n", -2)})
    """

    node = ~S"""
    :ok = Rebeam.OwnNode.start("counters", :longnames)
    """

    assert InElixir.lines!(program, code, node) == [
             "{40, :ok, true}",
             "{:ok, {42, 1.5, true}}",
             "{42, false, 2.5}",
             "{2.5, 0.0, false}",
             ~S("\"n\" is a counter"),
             "{41, 39}"
           ]
  end
end

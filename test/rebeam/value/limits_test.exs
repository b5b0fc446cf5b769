defmodule Rebeam.Value.LimitsTest do
  # What the settings forbid to send: config :rebeam, pickle: false and message_max:.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @serving """
  from rebeam import *
  from limits_echo import *
  run_register_process(Echo)
  sleep(1000)
  """

  @tag :slow
  test "without pickles builtin values go, and nothing else" do
    program = """
    import decimal
    from rebeam import *
    from limits_echo import *
    run_register_process(Echo)
    for value in (None, 1, 2.5, "a", b"b", (1,), [1], {1: {2}}, frozenset([1]), 3,
                  decimal.Decimal("1.5"), memoryview(b"ab" * 50_000), bytearray(b"a")):
        assert attempt(value) == "same", value
    print(attempt({"c": [Colour.RED]}))
    print(attempt(len))
    print(attempt(1j))
    print(attempt("after"))
    print(call("echo", "object")[0])
    """

    options = [env: [{"REBEAM_PICKLE", "no"}], options: ~w(--log-level none)]

    assert Program.lines!(program, options) == [
             ~s(TypeError message["c"][0]: cannot pickle 'Colour' object: only builtin values may be sent here),
             "TypeError message: cannot pickle 'builtin_function_or_method' object: only builtin values may be sent here",
             "TypeError message: cannot pickle 'complex' object: only builtin values may be sent here",
             "same",
             "down"
           ]
  end

  for {title, pickle} <- [{"without", "no"}, {"with", "yes"}], unit <- ["shared", "process"] do
    @tag :slow
    test "spans of time and zones go exactly, #{title} pickles: #{unit}" do
      options = [
        env: [{"REBEAM_PICKLE", unquote(pickle)}],
        options: ~w(--log-level none),
        args: [unquote(unit)]
      ]

      refused =
        if unquote(pickle) == "no",
          do: for(name <- ~w(Span Zone Zone), do: "cannot pickle '#{name}' object"),
          else: List.duplicate("same", 3)

      assert Program.out!("value/limits/spans_and_zones.py", options) ==
               ["118 values", "together", "later" | refused]
    end
  end

  @tag :slow
  test "without pickles none is made again, whoever sent it" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, _} = Rebeam.Program.Script.start_link("script", "main.py")
    echo = wait_until(fn -> Rebeam.whereis("echo") end)
    type = "shop.Order"
    global = <<31, 0, 2, "os", 6, "system">>
    for node <- [<<25, byte_size(type), type::binary, 0>> <> global <> <<11, 0>>, global] do
      object = %Rebeam.Object{type: type, data: <<2>> <> node}
      IO.inspect(Rebeam.call(echo, "echo", [object]), width: 200)
    end
    """

    folder = Program.folder(%{"main.py" => @serving})
    env = [{"REBEAM_PICKLE", "no"}]
    result = Program.elixir(code, cd: folder, env: env)

    assert result.out == """
           {:error, "the message has a shop.Order object: only builtin values are taken here"}
           {:error, "the message has a system object: only builtin values are taken here"}
           """
  end

  test "messages that are too large" do
    program = """
    from rebeam import *
    from limits_echo import *
    run_register_process(Echo)
    print(attempt("a" * 90_000), attempt(b"a" * 90_000), attempt([0] * 9_000))
    print(attempt("a" * 110_000))
    print(attempt([b"a" * 110_000]))
    print(attempt([0] * 110_000))
    print(attempt({"x": memoryview(b"a" * 110_000)}))
    print(attempt("after"))
    """

    too_large = "ValueError message is larger than 100000 bytes, the most that may be sent here"

    assert Program.lines!(program, env: [{"REBEAM_MESSAGE_MAX", "100000"}]) ==
             ["same same same", too_large, too_large, too_large, too_large, "same"]
  end

  @tag :slow
  test "messages of Elixir's that are too large" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, _} = Rebeam.Program.Script.start_link("script", "main.py")
    echo = wait_until(fn -> Rebeam.whereis("echo") end)
    large = String.duplicate("a", 99_990)
    IO.inspect(Rebeam.call(echo, "echo", large) == {:ok, large})
    for message <- [large <> large, %Rebeam.Bytes{data: large <> large}, List.duplicate(0, 100_000)],
        send <- [&Rebeam.call/3, &Rebeam.cast/3] do
      try do
        send.(echo, "echo", message)
      rescue
        error in ArgumentError -> IO.puts(error.message)
      end
    end
    IO.inspect(byte_size(Rebeam.Value.pack!(large <> large)))
    """

    folder = Program.folder(%{"main.py" => @serving})
    env = [{"REBEAM_MESSAGE_MAX", "100000"}]
    result = Program.elixir(code, cd: folder, env: env)
    too_large = "the message is larger than 100000 bytes, the most that may be sent here\n"
    assert result.out == "true\n" <> String.duplicate(too_large, 6) <> "199985\n"
  end

  @tag :slow
  test "settings that are none" do
    for {variable, value, text} <- [
          {"REBEAM_PICKLE", "maybe", ~s(REBEAM_PICKLE is yes or no, not "maybe")},
          {"REBEAM_MESSAGE_MAX", "0", "REBEAM_MESSAGE_MAX is a number of bytes, not 0"},
          {"REBEAM_MESSAGE_MAX", "1MB", "REBEAM_MESSAGE_MAX is a number of bytes, not 1MB"}
        ] do
      result = Program.run("print(1)\n", env: [{variable, value}])
      assert result == %Program{status: 2, out: "", err: "rebeam: #{text}\n"}
    end
  end
end

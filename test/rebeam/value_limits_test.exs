defmodule Rebeam.ValueLimitsTest do
  # What the settings forbid to send: config :rebeam, pickle: false and message_max:.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @echo """
  import dataclasses, datetime, decimal, enum, zoneinfo
  from rebeam import *
  class Colour(enum.Enum):
      RED = 1
  class Echo(GenPy):
      name = "echo"
      @receive("echo")
      def echo(self, message):
          return message
      @receive("object")
      def object(self):
          return [Colour.RED]
  def attempt(value):
      try:
          status, answer = call("echo", "echo", value)
          return "same" if answer == value and type(answer) is type(value) else answer
      except (TypeError, ValueError) as error:
          return f"{type(error).__name__} {error}"
  run_register_process(Echo)
  """

  test "without pickles builtin values go, and nothing else" do
    program = """
    #{@echo}
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    for value in (None, 1, 2.5, "a", b"b", (1,), [1], {1: {2}}, frozenset([1]), 3,
                  datetime.datetime(2024, 7, 1, tzinfo=zone), decimal.Decimal("1.5"),
                  memoryview(b"ab" * 50_000), bytearray(b"a")):
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

  test "without pickles none is made again, whoever sent it" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, _} = Rebeam.Program.Script.start_link("script", "main.py")
    wait = fn wait -> Rebeam.whereis("echo") || (Process.sleep(10) && wait.(wait)) end
    echo = wait.(wait)
    type = "shop.Order"
    global = <<31, 0, 2, "os", 6, "system">>
    for node <- [<<25, byte_size(type), type::binary, 0>> <> global <> <<11, 0>>, global] do
      object = %Rebeam.Object{type: type, data: <<2>> <> node}
      IO.inspect(Rebeam.call(echo, "echo", [object]), width: 200)
    end
    """

    folder = Program.folder(%{"main.py" => @echo <> "\nsleep(1000)"})
    env = [{"PYTHON_UNDER_TEST", Program.python().executable}, {"REBEAM_PICKLE", "no"}]
    result = Program.elixir(code, cd: folder, env: env)

    assert result.out == """
           {:error, "the message has a shop.Order object: only builtin values are taken here"}
           {:error, "the message has a system object: only builtin values are taken here"}
           """
  end

  test "messages that are too large" do
    program = """
    #{@echo}
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

  test "messages of Elixir's that are too large" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, _} = Rebeam.Program.Script.start_link("script", "main.py")
    wait = fn wait -> Rebeam.whereis("echo") || (Process.sleep(10) && wait.(wait)) end
    echo = wait.(wait)
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

    folder = Program.folder(%{"main.py" => @echo <> "\nsleep(1000)"})
    env = [{"PYTHON_UNDER_TEST", Program.python().executable}, {"REBEAM_MESSAGE_MAX", "100000"}]
    result = Program.elixir(code, cd: folder, env: env)
    too_large = "the message is larger than 100000 bytes, the most that may be sent here\n"
    assert result.out == "true\n" <> String.duplicate(too_large, 6) <> "199985\n"
  end

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

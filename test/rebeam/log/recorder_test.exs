defmodule Rebeam.Log.RecorderTest do
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @program "log/recorder/till.py"

  # Runs it in a folder of its own: that, and the files of which its log tells, in the order of the crashes.
  defp crash(isolation, python, options \\ ["--flight-recorder", "3"]) do
    folder = Program.folder(%{"main.py" => Program.source(@program)})

    result =
      Program.run({:script, Path.join(folder, "main.py")},
        args: [isolation],
        options: ["--python", python.executable | options],
        cd: folder
      )

    assert {result.status, result.out} == {0, ""}, result.err
    files = for [_, file] <- Regex.scan(~r/^  recording: (.*)$/m, result.err), do: file
    {folder, files}
  end

  defp replay(folder, python, words, options \\ []) do
    options = [own: true, cd: folder, env: [{"REBEAM_PYTHON", python.executable}]] ++ options
    Program.run({:words, ["replay" | words]}, options)
  end

  defp check(isolation, python) do
    {folder, [till, counter, door]} = crash(isolation, python)
    assert Path.dirname(till) == Path.join(folder, "rebeam-crashes")

    # What raised raises again, at the same line, with the answers that there were.
    result = replay(folder, python, [till, "--no-pdb"])
    assert {result.status, result.err} == {1, ""}, result.out <> result.err
    assert result.out =~ ~r/^Till at .*: call 'pay'\n  message: 'cake'\n/

    assert result.out =~
             "'lock': <lock, which could not be copied: TypeError: cannot pickle '_thread.lock' object>, " <>
               "'paid': [Price(250), Price(250), Price(250)], "

    assert result.out =~ "recorded messages: 3, this is --message 1\n"
    assert result.out =~ "ended with: ZeroDivisionError: division by zero\n"
    line = Program.line(@program, "return other.cents / price.cents")
    assert result.out =~ ~r/main.py", line #{line}, in pay\n.*\n(.*\^.*\n)?ZeroDivisionError/

    # One before went well.
    result = replay(folder, python, [till, "--no-pdb", "--message", "2"])
    assert {result.status, result.err} == {0, ""}
    assert result.out =~ "'paid': [Price(250), Price(250)], "
    assert result.out =~ "\nreturned 1.0\n"

    result = replay(folder, python, [counter, "--no-pdb"])
    assert {result.status, result.err} == {1, ""}
    assert result.out =~ ~r/^Counter at .*: call 'count'/
    assert result.out =~ "ZeroDivisionError: division by zero"

    result = replay(folder, python, [door, "--no-pdb"])
    assert {result.status, result.err} == {1, ""}
    assert result.out =~ ~r/^Door at .*: call 'slam'\n  message: 'second'/
    assert result.out =~ "ValueError: it is shut: second"
    {folder, till, counter}
  end

  # Under pdb it stops at the handler's first line, and where it raises.
  defp debug(folder, file, first) do
    result = replay(folder, Program.python(), [file], input: "p message\nc\np price\nq\n")
    assert result.out =~ ~r/-> .*#{Regex.escape(first)}/
    assert result.out =~ "(Pdb) 'cake'\n"
    assert result.out =~ "Post mortem: q ends it.\n"
    assert result.out =~ "(Pdb) Price(0)\n"
  end

  @tag :slow
  test "what crashed an actor runs again, with the answers that there were" do
    {folder, till, counter} = check("shared", Program.python())

    debug(folder, till, "sleep(0.001)")
    debug(folder, counter, "call_async(\"prices\"")

    # Other code: what it asks for now, nobody has answered.
    main = Path.join(folder, "main.py")
    text = File.read!(main)
    File.write!(main, String.replace(text, "sleep(0.001)", ~s|call("prices", "all")|))
    result = replay(folder, Program.python(), [till, "--no-pdb"])

    assert result.out =~
             "NotRecorded: call('prices', 'all') is not recorded: the handler did not ask for it then"

    # The fault is mended.
    File.write!(main, String.replace(text, "/ price.cents", "/ (price.cents or 1)"))
    result = replay(folder, Program.python(), [till, "--no-pdb"])
    assert {result.status, result.out =~ "\nreturned 250.0\n"} == {0, true}
  end

  @tag :slow
  test "the same in units" do
    check("process", Program.python())
    for python <- InterpreterProgram.pythons(), do: check("interpreter", python)
  end

  @given """
  from rebeam import GenPy, Supervisor, receive

  PRICES = {name: each * rate for name, each in {"tea": 2, "cake": 0}.items()}

  class Till(GenPy):
      name = "till"

      @receive("pay")
      def pay(self, message):
          return rate / PRICES[message]

  Supervisor([Till()])
  """

  @started """
  Logger.configure(level: :none)
  :ok = Rebeam.OwnNode.start("recorder", :shortnames)
  Application.put_env(:rebeam, :workers, 1)
  options = [script: "main.py", isolation: isolation, bindings: [rate: 3]]
  {:ok, script} = Rebeam.start(options)
  {:down, _} = Rebeam.call("till", "pay", "cake")
  Rebeam.stop(script)
  """

  defp given(isolation, python) do
    folder = Program.folder(%{"main.py" => @given})

    env =
      for {name, value} <- [FLIGHT_RECORDER: "2", CRASHES: folder, PYTHON: python.executable],
          do: {"REBEAM_#{name}", value}

    code = "isolation = #{inspect(isolation)}\n" <> @started
    result = Program.elixir(code, cd: folder, env: env, limit: 200)
    assert result.status == 0, result.out <> result.err
    [file] = Path.wildcard(Path.join(folder, "*.replay"))
    result = replay(folder, python, [file, "--no-pdb"])
    assert {result.status, result.err} == {1, ""}, result.out <> result.err
    assert result.out =~ ~r/^Till at .*: call 'pay'\n  message: 'cake'\n/
    assert result.out =~ "ZeroDivisionError: division by zero"
  end

  @tag :slow
  test "what Elixir gave the script is there again" do
    for isolation <- [nil, :process], do: given(isolation, Program.python())
    for python <- InterpreterProgram.pythons(), do: given(:interpreter, python)
  end

  @tag :slow
  test "without it nothing is written; what is no recording is refused" do
    {folder, []} = crash("shared", Program.python(), [])
    refute File.exists?(Path.join(folder, "rebeam-crashes"))

    for {words, text} <- [
          {["none.replay"], "[Errno 2] No such file or directory: 'none.replay'"},
          {["main.py"], "main.py is no file of the flight recorder"}
        ] do
      result = replay(folder, Program.python(), words)
      assert {result.status, result.out, result.err} == {2, "", "rebeam: #{text}\n"}
    end
  end
end

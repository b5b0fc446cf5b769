defmodule Rebeam.CLI.RemoteTest do
  # `rebeam remote`: a prompt in a program that runs.
  use ExUnit.Case, async: true

  alias Rebeam.{Program, Running}

  @asked "cli/reach/asked.py"

  defp remote(program, options) do
    words = ["remote", "#{program.pid}", "--python", Program.python().executable]
    Program.run({:words, words}, [own: true] ++ options)
  end

  # What a terminal shows, without what positions and colours it.
  defp shown(text), do: String.replace(text, ~r/\e\[[0-9;?]*[A-Za-z]|\e[=>]|\r/, "")

  @tag :slow
  test "through a pipe: statements run there, one after the other, in one process" do
    program = Running.start(@asked)

    input = """
    x = 5
    x; x + 1
    _ * 2
    greeting
    twice(x)
    def f():
        return twice(1)

    f()
    1/0
    print("a"); print("b")
    self_pid() == self_pid() and self_pid().alive()
    Supervisor([child(Double(), name="second")]) and None
    ask("second", "it", 4)
    class A: pass

    type(A()).__name__, A.__module__
    if True:
        6 * 9
    """

    result = remote(program, input: input)

    assert String.split(result.out, "\n", trim: true) ==
             ["5", "6", "12", "'hello from main'", "10", "2", "a", "b", "True", "8"] ++
               ["('A', '__remote__')", "54"]

    assert result.err =~ ~r/^Python in #{program.pid} .*main.py\nCtrl-D leaves it/
    assert result.err =~ ~s(File "<remote 8>", line 1, in <module>\n    1/0)
    assert result.status == 0

    assert %{status: 4, err: err} = remote(program, input: "x\nexit(4)\n")
    assert err =~ "NameError: name 'x' is not defined"

    result = remote(program, input: "import os; os._exit(0)\n6 * 7\n")
    assert {result.out, result.status} == {"", 1}
    assert result.err =~ ~r/rebeam: the program is gone\n\z/
  end

  @tag :slow
  test "at a terminal: Ctrl-C ends the statement and not the program, Tab completes" do
    program = Running.start(@asked)

    # What is shown, then, at the next prompt, what is typed; and Ctrl-C once that is there.
    steps =
      Enum.flat_map(
        [
          {"", "y = 6; print('be' + 'gun'); ask('slow', 'wait', 60, 99)", "begun"},
          {"KeyboardInterrupt", "y * 7", nil},
          {"42", "print('be' + 'gun') or any(x for x in iter(int, 1))", "begun"},
          {"KeyboardInterrupt", "import time; print('be' + 'gun'); time.sleep(10)", "begun"},
          {"a second", "y * 8", nil},
          {"48", "gree\t", nil},
          {"'hello from main'", "print(y.denom\t, 'end' * 2)", nil}
        ],
        fn {shown, typed, interrupted} ->
          [{shown, :type, ""}, {">>> ", :type, typed <> "\r"}] ++
            if(interrupted, do: [{interrupted, :type, "\x03"}], else: [])
        end
      ) ++ [{"1 endend", :type, ""}, {">>> ", :type, "\x04"}]

    for term <- ["dumb", "xterm"] do
      result = remote(program, pty: true, on: steps, env: [{"TERM", term}])
      assert {term, result.status} == {term, 0}
      assert shown(result.out) =~ ~r/^'hello from main'$/m
    end

    words = ["remote", "--elixir", "#{program.pid}"]
    prompt = fn number -> "#{program.pid}@127.0.0.1)#{number}> " end

    steps = [
      {prompt.(1), :type, "Rebeam.call(\"double\", \"it\", 21)\r"},
      {"{:ok, 42}", :type, ""},
      {prompt.(2), :type, "IO.puts(\"be\" <> \"gun\"); Process.sleep(:infinity)\r"},
      {"begun", :type, "\x03"},
      {"interrupted", :type, ""},
      {prompt.(2), :type, "\x07"},
      {" --> ", :type, "q\r"}
    ]

    # On a dumb terminal newer OTP leaves lines and Ctrl-C to the kernel.
    env = [{"TERM", "xterm"}]
    result = Program.run({:words, words}, own: true, pty: true, on: steps, env: env)
    assert result.status == 0

    assert {143, log} = Running.stop(program)
    assert Enum.count(log, &(&1 =~ ~r/remote session .* was interrupted/)) == 2
  end
end

defmodule Rebeam.Value.TrustTest do
  # Whose values are read, and what they cannot do: the settings hold in units and against other
  # nodes, a stranger's messages do not come, and no text becomes an atom.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @values Path.expand("../../c_src/value", __DIR__)

  # Its output with units of each kind: one for each unit that this machine has.
  defp in_units(program, env) do
    interpreters =
      for python <- InterpreterProgram.pythons(),
          do: {"interpreter", ["--python", python.executable]}

    for {isolation, own} <- [{"process", []} | interpreters] do
      options = ["--workers", "2", "--log-level", "none"] ++ own
      {isolation, own, Program.lines!(program, args: [isolation], options: options, env: env)}
    end
  end

  @tag :slow
  test "without pickles, actors run in units all the same, and send builtin values alone" do
    program = """
    from rebeam import *
    from trust_actors import *
    from waiting import wait_until
    if __name__ == "__main__":
        here, unit = run_register_process(Echo()), start(Echo({"a": [1, b"x"]}))
        print(attempt(lambda: call(unit, "argument")))
        print(call(unit, "echo", {1: (2.5, {unit})})[1] == {1: (2.5, {unit})})
        print(attempt(lambda: call(unit, "echo", {"c": [Colour.RED]})))
        print(call(unit, "send", (here, None))[1])
        print(attempt(lambda: call(unit, "object")))
        print(attempt(lambda: start(Echo([Colour.RED]))))
        start(function)
        wait_until(lambda: whereis("function"))
        print("started")
    """

    refused = "cannot pickle 'Colour' object: only builtin values may be sent here"

    for {isolation, own, lines} <- in_units(program, [{"REBEAM_PICKLE", "no"}]) do
      assert {isolation, own, lines} ==
               {isolation, own,
                [
                  "ok {'a': [1, b'x']}",
                  "True",
                  ~s(TypeError message["c"][0]: ) <> refused,
                  "TypeError message[0]: " <> refused,
                  "down TypeError: response[0]: " <> refused,
                  "TypeError Echo cannot start in an isolation unit: arguments[0][0]: " <>
                    refused,
                  "started"
                ]}
    end
  end

  @tag :slow
  test "message_max is for messages in units too, and for nothing else" do
    program = """
    from rebeam import *
    from trust_actors import *
    if __name__ == "__main__":
        here, unit = run_register_process(Echo()), start(Echo("a" * 5000))
        print(attempt(lambda: call(unit, "echo", "a" * 900))[:4])
        print(attempt(lambda: call(unit, "echo", "a" * 1000)))
        print(call(unit, "send", (here, 900))[1][:4], call(unit, "send", (here, 1000))[1])
        print(attempt(lambda: call(unit, "long", 1000)))
        status, reason = call(start(Echo), "crash", 5000)
        print(status.value, len(reason) > 5000)
        other = start(Echo)
        exit(other, "b" * 5000)
        print(len(call(here, "echo", 1)), is_alive(here))
    """

    too_large = "larger than 1000 bytes, the most that may be sent here"

    for {isolation, own, lines} <- in_units(program, [{"REBEAM_MESSAGE_MAX", "1000"}]) do
      assert {isolation, own, lines} ==
               {isolation, own,
                [
                  "ok a",
                  "ValueError message is " <> too_large,
                  "ok a ValueError message is " <> too_large,
                  "down ValueError: response is " <> too_large,
                  "down True",
                  "2 True"
                ]}
    end
  end

  @tag :slow
  test "what a node that allows pickles sends to one that does not: an error, or a line in the log" do
    options = ["--sname", "rebeam-here-#{System.pid()}-trust"]

    result =
      Program.run("value/trust/what_a_node_that_allows_pickles_sends_to_one.py",
        via: :mix,
        options: options
      )

    refused = "the message has a __main__.Colour object: only builtin values are taken here"
    [first, second, third] = String.split(result.out, "\n", trim: true)
    assert first == "error " <> refused
    assert second =~ ~r/^True ok \('still', \('echo', '.*'\)\)$/
    assert third == "('error', '#{refused}')"
    assert [[line]] = Regex.scan(~r/\[warning\].*/, result.err)

    assert line =~ ~s(cast "echo" to ) and
             line =~ String.replace(refused, "__main__.Colour", "print")
  end

  @tag :slow
  test "without pickles nothing is imported or called for bytes from anywhere, whatever they are" do
    program = "value/trust/without_pickles_nothing_is_imported_or_called.py"

    canary = """
    def call(*arguments):
        print("called", arguments)
    class Thing:
        def __reduce__(self):
            return call, (1,), {}
        def __setstate__(self, state):
            call(state)
    """

    folder = Program.folder(%{"main.py" => program, "canary.py" => canary})
    path = Path.join(folder, "main.py")
    seed = "#{:rand.uniform(1_000_000)}"
    env = [{"REBEAM_VALUE_TESTS", @values}]
    assert Program.lines!(path, args: ["write", seed], env: env) == []

    refused = &"the message has a #{&1} object: only builtin values are taken here"
    lines = Program.lines!(path, args: ["read", seed], env: [{"REBEAM_PICKLE", "no"} | env])

    assert {seed, lines} ==
             {seed,
              [
                refused.("canary.Thing"),
                refused.("call"),
                refused.("Thing"),
                "['ok', 'refused', 'wrong']",
                "nothing",
                "False False"
              ]}
  end

  @tag :slow
  test "who lacks the cookie brings no message; who has it does" do
    python = """
    from rebeam import *
    class Echo(GenPy):
        name = "echo"
        def __init__(self):
            self.got = []
        @receive("take")
        def take(self, message):
            self.got.append(message)
        @receive("got")
        def all(self):
            return self.got, called
    called = []
    def note(text):
        called.append(text)
    run_register_process(Echo)
    """

    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
    Process.register(wait_until(fn -> Rebeam.whereis("echo") end), :echo)

    Logger.configure(level: :none)

    # note(cookie), as a pickle would have it made.
    note = <<31, 1, 8, "__main__", 4, "note">>

    for {cookie, number} <- Enum.with_index(["two", "one"]) do
      called = <<25, 3, "any", 0>> <> note <> <<11, 1>> <> binary_part(Rebeam.Value.pack!(cookie), 1, byte_size(cookie) + 2)
      code = \"""
      IO.inspect(Node.connect(\#{inspect(node())}))
      for packed <- \#{inspect([Rebeam.Value.pack!(cookie), <<2>> <> called], limit: :infinity)} do
        send({:echo, \#{inspect(node())}}, {:"$gen_cast", {:rebeam, "take", packed, nil, nil}})
      end
      IO.inspect(:rpc.call(\#{inspect(node())}, :erlang, :node, []) == \#{inspect(node())})
      \"""
      name = "\#{hd(String.split(to_string(node()), "@"))}-\#{number}"
      {out, 0} = System.cmd("elixir", ["--sname", name, "--cookie", cookie, "-e", code],
        env: [{"ELIXIR_ERL_OPTIONS", nil}])
      IO.write(out)
      Process.sleep(200)
      IO.inspect(Rebeam.call("echo", "got", nil))
    end
    Rebeam.Program.Script.stop(script, 0)
    receive do: ({:rebeam_script, ^script, _, :over} -> :ok)
    """

    env = [
      {"ELIXIR_ERL_OPTIONS", "-sname rebeam-#{System.pid()}-cookie -setcookie one"}
    ]

    result = Program.elixir(code, cd: Program.folder(%{"main.py" => python}), env: env)

    assert {String.split(result.out, "\n", trim: true), result.err} ==
             {[
                "false",
                "false",
                "{:ok, {[], []}}",
                "true",
                "true",
                ~s({:ok, {["one", nil], ["one"]}})
              ], ""}
  end

  @tag :slow
  test "no text of Python's makes an atom, in the main VM or in a unit that is one" do
    code = """
    Application.put_env(:rebeam, :workers, 1)
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
    Logger.configure(level: :none)
    wait_until(fn -> Rebeam.whereis("echo") end)
    units = fn -> [node() | Enum.map(Rebeam.info().units, & &1.node)] end
    atoms = fn -> for node <- units.(), do: :erpc.call(node, :erlang, :system_info, [:atom_count]) end

    take = fn
      _, 0 -> :ok
      take, left ->
        receive do
          {:"$gen_cast", {:rebeam, subject, payload, _, _}} ->
            {:ok, %{^subject => [^subject, _, %Rebeam.Object{}, %Rebeam.Object{}, _, _]}} =
              Rebeam.Value.unpack_message(payload)
            take.(take, left - 1)
        end
    end

    # Once to have all code loaded, and then it counts.
    run = fn first, number, others ->
      for name <- ["main", "unit"] do
        {:ok, ^number} = Rebeam.call(name, "send", {self(), first, number}, :infinity)
        take.(take, number)
        {:ok, ^number} = Rebeam.call(name, "send", {Rebeam.whereis("echo"), -first - number, number}, :infinity)
        {:ok, ^others} = Rebeam.call(name, "others", others, :infinity)
      end
    end

    run.(1, 50, 5)
    # What else makes some, such as code that is loaded late, does not do so each time.
    made = for {first, others} <- [{100, 100}, {10_000, 200}, {20_000, 300}] do
      before = atoms.()
      run.(first, 2_000, others)
      for {a, b} <- Enum.zip(before, atoms.()), do: b - a
    end
    IO.inspect(for counts <- Enum.zip_with(made, & &1), do: Enum.min(counts) < 10 || counts)
    Rebeam.Program.Script.stop(script, 0)
    receive do: ({:rebeam_script, ^script, _, :over} -> :ok)
    """

    env = [
      {"ELIXIR_ERL_OPTIONS", "-sname rebeam-#{System.pid()}-atoms"}
    ]

    folder = Program.folder(%{"main.py" => "value/trust/no_text_of_pythons_makes_an_atom.py"})
    result = Program.elixir(code, cd: folder, env: env, limit: 150)
    assert result.out == "[true, true]\n", result.out <> result.err
  end
end

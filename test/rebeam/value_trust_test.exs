defmodule Rebeam.ValueTrustTest do
  # Whose values are read, and what they cannot do: the settings hold in units and against other
  # nodes, a stranger's messages do not come, and no text becomes an atom.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @values Path.expand("../value", __DIR__)

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

  @program """
  import enum, os, sys
  from rebeam import *
  class Colour(enum.Enum):
      RED = 1
  def attempt(call):
      try:
          status, answer = call()
          return f"{status.value} {answer.strip().splitlines()[-1] if isinstance(answer, str) else answer}"
      except Exception as error:
          return f"{type(error).__name__} {str(error).partition(' (what a child')[0]}"
  class Echo(GenPy):
      def __init__(self, argument=None):
          self.argument = argument
      @receive("echo")
      def echo(self, message):
          return message
      @receive("argument")
      def show(self):
          return self.argument
      @receive("object")
      def give(self):
          return [Colour.RED]
      @receive("send")
      def send(self, message):
          target, size = message
          return attempt(lambda: call(target, "echo", [Colour.RED] if size is None else "a" * size))
      @receive("long")
      def long(self, message):
          return "a" * message
      @receive("crash")
      def crash(self, message):
          raise ValueError("a" * message)
  def function():
      register("function")
      sleep(60)
  def start(item):
      return run_register_process(child(item, isolation=sys.argv[1], restart="temporary"))
  """

  test "without pickles, actors run in units all the same, and send builtin values alone" do
    program = """
    #{@program}
    if __name__ == "__main__":
        here, unit = run_register_process(Echo()), start(Echo({"a": [1, b"x"]}))
        print(attempt(lambda: call(unit, "argument")))
        print(call(unit, "echo", {1: (2.5, {unit})})[1] == {1: (2.5, {unit})})
        print(attempt(lambda: call(unit, "echo", {"c": [Colour.RED]})))
        print(call(unit, "send", (here, None))[1])
        print(attempt(lambda: call(unit, "object")))
        print(attempt(lambda: start(Echo([Colour.RED]))))
        start(function)
        while not whereis("function"):
            sleep(0.01)
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

  test "message_max is for messages in units too, and for nothing else" do
    program = """
    #{@program}
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

  test "what a node that allows pickles sends to one that does not: an error, or a line in the log" do
    program = """
    import enum, os, subprocess, sys, time
    from rebeam import *
    class Colour(enum.Enum):
        RED = 1
    class Echo(GenPy):
        name = "echo"
        @receive("echo")
        def echo(self, message):
            return message
        @receive("ask")
        def ask(self, message):
            status, answer = call(message, "object")
            return status.value, answer
        @receive("object")
        def object(self):
            return Colour.RED
    run_register_process(Echo)
    if sys.argv[1:] == ["there"]:
        sys.stdin.read()
    else:
        here = self_pid().node
        name, host = here.replace("here", "there").split("@")
        there = ("echo", f"{name}@{host}")
        command = ["mix", "rebeam.run", "--sname", name, "--connect", here, __file__, "there"]
        other = subprocess.Popen(command, stdin=subprocess.PIPE,
                                 env={**os.environ, "REBEAM_PICKLE": "no"})
        while not call(there, "echo", "up")[0]:
            time.sleep(0.05)
        print(*call(there, "echo", [Colour.RED]))
        print(cast(there, "echo", {"a": print}), *call(there, "echo", ("still", there)))
        print(call(there, "ask", ("echo", here))[1])
        other.stdin.close()
        other.wait()
    """

    options = ["--sname", "rebeam-here-#{System.pid()}-trust"]
    result = Program.run(program, via: :mix, options: options)
    refused = "the message has a __main__.Colour object: only builtin values are taken here"
    [first, second, third] = String.split(result.out, "\n", trim: true)
    assert first == "error " <> refused
    assert second =~ ~r/^True ok \('still', \('echo', '.*'\)\)$/
    assert third == "('error', '#{refused}')"
    assert [[line]] = Regex.scan(~r/\[warning\].*/, result.err)

    assert line =~ ~s(cast "echo" to ) and
             line =~ String.replace(refused, "__main__.Colour", "print")
  end

  test "without pickles nothing is imported or called for bytes from anywhere, whatever they are" do
    program = """
    import array, datetime, decimal, os, random, sys, zoneinfo
    sys.path.insert(0, os.environ["REBEAM_VALUE_TESTS"])
    import _rebeam, rebeam._engine.zone
    folder = os.path.dirname(os.path.abspath(__file__))

    def write():
        import canary
        from values import Generator
        for n in range(300):
            random_one = Generator(int(sys.argv[2]) + n).value()
            value = [canary.Thing(), canary.call, canary.Thing][n] if n < 3 else random_one
            with open(os.path.join(folder, f"{n}.bin"), "wb") as file:
                file.write(_rebeam.pack([n, value]))

    def mutated(data):
        data = bytearray(data)
        for _ in range(random.choice((0, 1, 1, 2, 8))):
            at = random.randrange(1, len(data))
            data[at : at + random.choice((0, 1, 1))] = bytes([random.choice((random.randrange(40), random.randrange(256)))])
        return bytes(data)

    def read():
        done = []
        def hook(event, arguments):
            if event in ("import", "exec", "compile", "os.system", "subprocess.Popen", "pickle.find_class"):
                done.append((event, str(arguments[0])))
        random.seed(int(sys.argv[2]))
        read = []
        for n in range(300):
            with open(os.path.join(folder, f"{n}.bin"), "rb") as file:
                read.append(file.read())
        sys.addaudithook(hook)
        outcomes = set()
        for n, data in enumerate(read):
            for again in range(100):
                try:
                    _rebeam.unpack(mutated(data) if again else data)
                    outcomes.add("ok")
                except Exception as error:
                    outcomes.add("refused" if "only builtin values are taken here" in str(error) else "wrong")
                    if n < 3 and not again:
                        print(error)
        print(sorted(outcomes))
        print({each for each in done if not each[1].startswith(("numpy", "tzdata"))} or "nothing")
        print("canary" in sys.modules, "values" in sys.modules)
    globals()[sys.argv[1]]()
    """

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
    wait = fn wait -> Rebeam.whereis("echo") || (Process.sleep(10) && wait.(wait)) end
    Process.register(wait.(wait), :echo)

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
      {"PYTHON_UNDER_TEST", Program.python().executable},
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

  test "no text of Python's makes an atom, in the main VM or in a unit that is one" do
    python = """
    import enum, os
    from rebeam import *

    class Sender(GenPy):
        def __init__(self, name):
            self.name = name
        @receive("send")
        def send(self, message):
            to, first, number = message
            for n in range(first, first + number):
                cast(to, *self.fresh(n))
            return number
        def fresh(self, n):
            text = f"{self.name} never seen {n}"
            kind = type(f"Class{n}_{self.name}", (Exception,), {"__module__": "__main__"})
            names = enum.Enum(f"Enum{n}_{self.name}", [f"NAME{n}_{self.name}"], module="__main__")
            for each in (kind, names):
                globals()[each.__name__] = each
            made = kind(text)
            made.__dict__[f"attribute{n}_{self.name}"] = text
            return text, {text: [text, kind, made, *names, {f"key {text}": text.encode()}, (text, n)]}
        @receive("others")
        def others(self, message):
            for n in range(message):
                text = f"{self.name} other {n}"
                whereis(text), register(text), unregister(text)
                join(text), broadcast(text, text), leave(text)
                cast((text, f"{text}@nowhere"), text), call(text, text), set_label(text)
                send_after(100, text, text)
                call("echo", text, [Atom(text)])
                spawn(lambda: self.fail(n))
            return message
        def fail(self, n):
            set_label(f"{self.name} fails {n}")
            raise type(f"Failure{n}_{self.name}", (Exception,), {})("text")

    class Echo(GenPy):
        name = "echo"
        @receive()
        def any(self, subject, message):
            return subject, message

    if __name__ == "__main__":
        run_register_process(Sender("main"))
        run_register_process(child(Sender("unit"), isolation="process"))
        run_register_process(Echo)
    """

    code = """
    Application.put_env(:rebeam, :workers, 1)
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
    Logger.configure(level: :none)
    wait = fn wait -> Rebeam.whereis("echo") || (Process.sleep(10) && wait.(wait)) end
    wait.(wait)
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
    before = atoms.()
    run.(100, 5_000, 300)
    IO.inspect(length(before))
    IO.inspect(for {a, b} <- Enum.zip(before, atoms.()), do: b - a < 100 || b - a)
    Rebeam.Program.Script.stop(script, 0)
    receive do: ({:rebeam_script, ^script, _, :over} -> :ok)
    """

    env = [
      {"PYTHON_UNDER_TEST", Program.python().executable},
      {"ELIXIR_ERL_OPTIONS", "-sname rebeam-#{System.pid()}-atoms"}
    ]

    folder = Program.folder(%{"main.py" => python})
    result = Program.elixir(code, cd: folder, env: env, limit: 150)
    assert result.out == "2\n[true, true]\n", result.out <> result.err
  end
end

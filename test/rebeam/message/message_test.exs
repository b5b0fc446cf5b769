defmodule Rebeam.Message.MessageTest do
  # Values between actors: equal, of the same type, and nobody else's.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "values arrive equal, of the same type, in the same order, independent" do
    folder = Path.dirname(Program.path("values.py"))
    result = Program.run(Program.path("values.py"), cd: folder)
    assert result.err == ""
    assert result.status == 0

    assert [_ | _] = lines = String.split(result.out, "\n", trim: true)
    assert List.last(lines) == "baseline"
    assert Enum.filter(lines, &String.starts_with?(&1, "wrong")) == []
    assert "values 79" in lines
  end

  test "what cannot be sent raises at the sender, with the path" do
    program = """
    import sys, threading
    from rebeam import *
    from baseline import counts, settled

    class Echo(GenPy):
        name = "echo"
        @receive("echo")
        def echo(self, message):
            return message
        @receive("answer")
        def answer(self, message):
            return {"deep": [threading.Lock()]}
        @receive("count")
        def count(self):
            return 1

    class Row:
        def __init__(self):
            self.lock = threading.Lock()

    class Asker(GenPy):
        @receive("ask")
        def ask(self, message):
            try:
                return call("echo", "echo", self.value(message))
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        def value(self, which):
            own = []
            own.append(own)
            deep = []
            for _ in range(50_000):
                deep = [deep]
            return {
                "row": {"rows": [1, 2, 3, Row()]},
                "lambda": (1, lambda: 0),
                "generator": [n for n in [(n for n in ())]],
                "module": {"m": sys},
                "key": {(1, Row): 1},
                "file": {1, sys.stdout} if False else [sys.stdout],
                "own": own,
                "deep": deep,
            }[which]

    run_register_process(Echo)
    asker = run_register_process(Asker)
    before = counts()
    for which in ("row", "lambda", "generator", "module", "file", "own", "deep"):
        print(which, call(asker, "ask", which)[1])
    try:
        cast("echo", "echo", [threading.Lock()])
    except TypeError as error:
        print("cast", error)
    status, reason = call("echo", "answer")
    print(status, reason.strip().splitlines()[-1])
    while not call("echo", "count")[0]:
        sleep(0.01)
    print(settled(before))
    """

    result = Program.run(program)
    assert result.status == 0
    lines = String.split(result.out, "\n", trim: true)

    assert "row TypeError: message[\"rows\"][3].lock: cannot pickle '_thread.lock' object" in lines
    assert Enum.find(lines, &(&1 =~ ~r/^lambda .*Error: message\[1\]: cannot pickle function/))

    assert Enum.find(
             lines,
             &(&1 =~ ~r/^generator TypeError: message\[0\]: cannot pickle 'generator' object/)
           )

    assert Enum.find(
             lines,
             &(&1 =~ ~r/^module TypeError: message\["m"\]: cannot pickle 'module' object/)
           )

    assert Enum.find(lines, &(&1 =~ ~r/^file TypeError: message\[0\]: cannot pickle/))
    assert Enum.find(lines, &(&1 =~ ~r/^deep RecursionError: message.*nested/))
    assert Enum.find(lines, &(&1 =~ ~r/^cast message\[0\]: cannot pickle '_thread.lock' object/))

    assert Enum.find(
             lines,
             &(&1 =~ ~r/^down .*TypeError: .*\["deep"\]\[0\]: cannot pickle '_thread.lock' object/)
           )

    # A list that holds itself arrives as one, or is refused: never hangs.
    assert Enum.find(lines, &(&1 =~ ~r/^own /))
    assert List.last(lines) == "baseline"
  end

  test "wrong arguments are told by name, before anything is sent" do
    program = """
    from rebeam import *

    for wrong in (
        lambda: call("a", "x", timeout="1"),
        lambda: sleep("1"),
        lambda: send(5, 1),
        lambda: send("a", {"n": [(n for n in "")]}),
        lambda: gen_call("a", 1, timeout=[]),
        lambda: Atom(5),
    ):
        try:
            print(wrong())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    """

    assert Program.lines!(program) == [
             "TypeError: timeout must be a number of seconds, not '1'",
             "TypeError: sleep length must be a number of seconds, not '1'",
             "TypeError: target must be a ProcessID, a registered name (str) or a (name, node) tuple, not 5",
             "TypeError: value[\"n\"][0]: cannot pickle 'generator' object",
             "TypeError: timeout must be a number of seconds, not []",
             "TypeError: Atom() argument 1 must be str, not int"
           ]
  end

  test "a ProcessID in a message is the process" do
    program = """
    import pickle, copy
    from rebeam import *
    class Node(GenPy):
        def __init__(self, value):
            self.value = value
        @receive("me")
        def me(self):
            return {"pid": ProcessID(), ProcessID(): [self_pid()]}
        @receive("ask other")
        def ask(self, message):
            return [call(each, "value")[1] for each in message["others"]]
        @receive("value")
        def value(self):
            return self.value
        @receive("who asks")
        def who(self, source):
            return source
        @receive("forward")
        def forward(self, message):
            return call(message, "who asks")[1] == ProcessID()
    a, b, c = [run_register_process(Node(n)) for n in range(3)]
    answer = call(a, "me")[1]
    print(answer["pid"] == a, answer[a] == [a], list(answer)[1] == a, len({a, answer["pid"], b, c}))
    print(call(a, "ask other", {"others": (b, c)}), call(a, "forward", b))
    print(pickle.loads(pickle.dumps(a)) == a, copy.deepcopy([a]) == [a], hash(a) == hash(answer["pid"]))
    print(a != b, a == str(a), repr(a) == repr(answer["pid"]), sorted([str(a)]) == [str(a)])
    """

    assert Program.lines!(program) == [
             "True True True 3",
             "(<Status.OK: 'ok'>, [1, 2]) (<Status.OK: 'ok'>, True)",
             "True True True",
             "True False True True"
           ]
  end

  test "order between one sender and one receiver is kept, calls and casts alike" do
    program = """
    from rebeam import *
    class Log(GenPy):
        name = "log"
        def __init__(self):
            self.seen = []
        @receive("add")
        def add(self, message):
            self.seen.append(message)
        @receive("all")
        def all(self):
            return self.seen
    class Sender(GenPy):
        @receive("go")
        def go(self, message):
            for n in range(300):
                if n % 7 == 0:
                    call("log", "add", (message, n))
                else:
                    cast("log", "add", (message, n))
    run_register_process(Log)
    senders = [run_register_process(Sender) for _ in range(5)]
    for number, each in enumerate(senders):
        cast(each, "go", number)
    for each in senders:
        call(each, "nothing", timeout=60)
    seen = call("log", "all")[1]
    for number in range(5):
        print([n for who, n in seen if who == number] == list(range(300)))
    """

    assert Program.lines!(program) == List.duplicate("True", 5)
  end
end

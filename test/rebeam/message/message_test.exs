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

  @tag :slow
  test "what cannot be sent raises at the sender, with the path" do
    lines = Program.out!("message/message/what_cannot_be_sent_raises_at_the_sender.py")

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
             "TypeError: target must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via, not 5",
             "TypeError: value[\"n\"][0]: cannot pickle 'generator' object",
             "TypeError: timeout must be a number of seconds, not []",
             "TypeError: Atom() argument 1 must be str, not int"
           ]
  end

  test "a ProcessID in a message is the process" do
    assert Program.lines!("message/message/processid_in_a_message_is_the_process.py") == [
             "True True True 3",
             "(<Status.OK: 'ok'>, [1, 2]) (<Status.OK: 'ok'>, True)",
             "True True True",
             "True False True True"
           ]
  end

  test "order between one sender and one receiver is kept, calls and casts alike" do
    assert Program.lines!("message/message/order_between_one_sender_and_one_receiver.py") ==
             List.duplicate("True", 5)
  end
end

defmodule Rebeam.Message.GroupTest do
  # Groups of actors: who is in them, and what all of them get.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "join, leave, members" do
    program = """
    from rebeam import *
    from baseline import counts, settled
    from group_actors import *
    one, two, three = begin(3)
    before = counts()
    print(members("room"), local_members("room"), broadcast("room", "x"))
    print([call(pid, "join", "room") for pid in (one, two, one)])
    call(three, "join", "Größe \\0")
    print(members("room") == [one, two] == local_members("room"), members("Größe \\0") == [three])
    # Twice is once: so it leaves at once.
    print(call(one, "leave", "room")[1], call(one, "leave", "room")[1], members("room") == [two])
    print(call(one, "join", "room")[1], members("room") == [one, two])
    print(call(three, "leave", "room")[1], members("") == [])
    print(call(three, "plain", "room")[1], members("room") == [one, two, three])
    print(settled(before))
    """

    assert Program.lines!(program) == [
             "[] [] 0",
             "[(<Status.OK: 'ok'>, None), (<Status.OK: 'ok'>, None), (<Status.OK: 'ok'>, None)]",
             "True True",
             "True False True",
             "None True",
             "False True",
             "[(None, 3)] True",
             "baseline"
           ]
  end

  test "broadcast reaches every member once, in order, the sender too" do
    program = """
    from rebeam import *
    from baseline import counts, settled
    from group_actors import *
    pids = begin(20)
    inside, outside = pids[:15], pids[15:]
    for pid in inside + inside:
        call(pid, "join", "room")
    before = counts()
    print([broadcast("room", "n", {"n": [n]}) for n in range(3)])
    print(call(inside[0], "broadcast", ("room", "from inside", 1))[1])
    print(call(outside[0], "broadcast", ("room", "from outside"))[1])
    wanted = [("n", {"n": [n]}, None, None) for n in range(3)]
    wanted += [("from inside", 1, None, None), ("from outside", None, None, None)]
    print(all(call(pid, "got")[1] == wanted for pid in inside))
    print([call(pid, "got")[1] for pid in outside])
    print(settled(before))
    """

    assert Program.lines!(program) == [
             "[15, 15, 15]",
             "15",
             "15",
             "True",
             "[[], [], [], [], []]",
             "baseline"
           ]
  end

  test "who ends leaves: by an orderly end, a crash, a restart" do
    result = Program.run("message/group/who_ends_leaves.py", options: ~w(--log-level none))
    assert %{status: 0, err: "", out: "True 2\nTrue\nTrue True\n"} = result
  end

  @tag :slow
  test "who monitors a group hears of all that come and go, from wherever it is" do
    assert [a, a, a, a, a, b, b, b, b, thread, wrong] =
             Program.lines!("message/group/monitor_group.py", args: ["process"])

    assert a == "True"
    assert b == "(True, False) []"

    assert thread ==
             "RuntimeError: monitor_group() is for actors: " <>
               "here is nobody whose @info would get what it tells"

    assert wrong =~ "TypeError: a monitor is the Reference that monitor_group() gave, not "
  end

  @tag :slow
  test "two programs and their units have a group in common" do
    options = ["--workers", "1", "--log-level", "none", "--sname", "rebeam-here-#{System.pid()}"]
    result = Program.run("message/group/two_programs_one_group.py", via: :mix, options: options)
    assert {result.status, result.out} == {0, "[4, 4, 4, 4]\nover\n"}
  end

  test "what is wrong raises; a thread is no member" do
    assert [a, a, a, a | rest] = Program.lines!("message/group/what_is_wrong_raises.py")
    assert a == "TypeError: a group's name must be a str, not 5"

    assert [
             "TypeError: subject must be a str, not 5",
             "TypeError: message[0]: cannot pickle '_thread.lock' object",
             "UnicodeEncodeError: " <> _,
             "RuntimeError: join() is for actors: a thread is no process",
             "RuntimeError: leave() is for actors: a thread is no process",
             "[<" <> _,
             "[]"
           ] = rest
  end

  test "the script's body takes no messages, but may be sent some" do
    program = """
    from rebeam import *
    from group_actors import *
    join("room")
    print(members("room") == [self_pid()], broadcast("room", "hello"))
    (one,) = begin(1)
    class Asker(GenPy):
        @receive("ask")
        def ask(self, message):
            return call(message, "x"), gen_call(message, 1)
    print(call(run_register_process(Asker), "ask", self_pid())[1][0][1])
    print(leave("room"), members("room"))
    """

    result = Program.run(program)
    assert result.status == 0
    assert result.err =~ ~s(cast "hello" to the script is lost)

    assert result.out == """
           True 1
           the script is a function: it takes no messages
           True []
           """
  end

  @tag :slow
  test "a thousand members broadcast to each other, holding no thread" do
    assert Program.lines!("message/group/thousand_members_broadcast_to_each_other.py") == [
             "True",
             "True",
             "True baseline"
           ]
  end
end

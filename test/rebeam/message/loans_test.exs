defmodule Rebeam.Message.LoansTest do
  # Large values between OS processes of one host (lib/rebeam/message/loans.ex).
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, LentProgram, Program}

  @units ["--workers", "2"]

  test "one copy is made, in memory that both have for as long as it is used" do
    program = """
    #{LentProgram.head()}
    import numpy
    def driver():
        for name in ("one", "two"):
            ready(name)
        before = rebeam_info()["shared"]
        array = numpy.arange(SIZE // 8)
        print(array.flags.writeable, cast("one", "keep", array), cast("one", "keep", array))
        print(call("one", "kept")[1], files(), array.flags.writeable)
        status, back = call("one", "echo", {"a": [array, array]})
        print((back["a"][0] == array).all(), back["a"][0] is back["a"][1], back["a"][0].dtype)
        print(back["a"][0].flags.writeable, files())
        try:
            back["a"][0][0] = 1
        except ValueError as error:
            print(error)
        back = None
        print(call("two", "ask", "one")[1], call("one", "drop")[1])
        print(until(lambda: files() == (0, 0) and rebeam_info()["shared"] <= before), files())
        print([each == LARGE for _, each in call_many([("one", "echo", LARGE), ("two", "echo", LARGE)])])
        print(until(lambda: files() == (0, 0)))
    if __name__ == "__main__":
        Supervisor([child(Holder(), name="one", isolation="process"),
                    child(Holder(), name="two", isolation="process"),
                    child(Holder(), name="here"),
                    child(driver, restart="transient", significant=True)])
    """

    options = @units ++ ["--python", Environment.python()]

    assert Program.lines!(program, options: options, limit: 100) == [
             "True True True",
             "([375000, 375000], (0, 2)) (0, 0) False",
             "True True int64",
             "False (0, 1)",
             "assignment destination is read-only",
             "True True",
             "True (0, 0)",
             "[True, True]",
             "True"
           ]
  end

  test "a broadcast copies once for all" do
    program = """
    #{LentProgram.head()}
    class Member(Holder):
        @start()
        def begin(self):
            join("all")
        @receive("inodes")
        def inodes(self):
            with open("/proc/self/maps") as file:
                return sorted({line.split()[4] for line in file if "/memfd:rebeam-" in line})
    def driver():
        for name in ("one", "two"):
            ready(name)
        until(lambda: len(members("all")) == 4)
        print(broadcast("all", "keep", memoryview(LARGE)))
        until(lambda: all(call(name, "kept")[1][0] for name in ("one", "two", "three")))
        print([call(name, "kept")[1] for name in ("one", "two", "three")], files())
        print([len(each) for each in call("local", "kept")[1][0:1]])
        inodes = call("one", "inodes")[1]
        print(len(inodes), inodes == call("two", "inodes")[1] == call("three", "inodes")[1])
    if __name__ == "__main__":
        Supervisor([child(Member(), name="one", isolation="process"),
                    child(Member(), name="two", isolation="process"),
                    child(Member(), name="three", isolation="process"),
                    child(Member(), name="local"),
                    child(Holder(), name="here"),
                    child(driver, restart="transient", significant=True)])
    """

    assert Program.lines!(program, options: @units, limit: 100) == [
             "4",
             "[([3000000], (0, 2)), ([3000000], (0, 1)), ([3000000], (0, 2))] (0, 0)",
             "[1]",
             "1 True"
           ]
  end

  test "what was not taken is given back when who should take it ends, or its node" do
    code = ~S"""
    show.({node(holder) != node(), open.()})
    :sys.suspend(holder)
    for _ <- 1..3, do: true = Rebeam.cast(holder, "keep", large)
    show.(until.(fn -> open.() == [3_000_000, 3_000_000, 3_000_000] end))
    :sys.resume(holder)
    kept = {:ok, {[3_000_000, 3_000_000, 3_000_000], {0, 0}}}
    show.({until.(fn -> Rebeam.call(holder, "kept", nil) == kept end), open.()})
    :sys.suspend(holder)
    true = Rebeam.cast(holder, "keep", large)
    show.(until.(fn -> open.() == [3_000_000] end))
    Process.exit(holder, :kill)
    show.(until.(fn -> open.() == [] end))
    holder = until.(fn -> with pid when pid not in [nil, holder] <- Rebeam.whereis("holder"), do: pid end)
    {:ok, {_, os_pid}} = Rebeam.call(holder, "files", nil)
    :sys.suspend(holder)
    true = Rebeam.cast(holder, "keep", large)
    show.(until.(fn -> open.() == [3_000_000] end))
    System.cmd("kill", ["-9", "#{os_pid}"])
    show.(until.(fn -> open.() == [] end))
    """

    assert LentProgram.lines!(code) == [
             "{true, []}",
             "true",
             "{true, []}",
             "true",
             "true",
             "true",
             "true"
           ]
  end

  test "what is taken after its sender's OS process ended is an error, and nothing else is lost" do
    code = ~S"""
    until.(fn -> Rebeam.call("holder", "ask", "here") == {:ok, true} and
                   match?({:ok, {_, {_, 0}}}, Rebeam.call("here", "kept", nil)) end)
    {:ok, {_, os_pid}} = Rebeam.call("holder", "files", nil)
    here = Rebeam.whereis("here")
    monitor = Process.monitor(holder)
    :sys.suspend(here)
    Rebeam.call("holder", "send", here)
    Rebeam.cast("here", "keep", %Rebeam.Bytes{data: "small"})
    until.(fn -> Process.info(here, :message_queue_len) == {:message_queue_len, 2} end)
    System.cmd("kill", ["-9", "#{os_pid}"])
    receive do {:DOWN, ^monitor, _, _, _} -> :ok end
    :sys.resume(here)
    show.({Rebeam.call("here", "kept", nil), Rebeam.whereis("here") == here})
    """

    assert [refused, "{{:ok, {[5], {0, 0}}}, true}"] = LentProgram.lines!(code)
    assert refused =~ ~s(cast "keep" to )
    assert refused =~ "its sender's OS process is gone, and large memory that it lent with it"
  end

  test "from Elixir: answers, and an answer that nobody waits for" do
    code = ~S"""
    show.(Rebeam.call("holder", "echo", large) == {:ok, large})
    show.(until.(fn -> open.() == [] and match?({:ok, {{0, 0}, _}}, Rebeam.call("holder", "files", nil)) end))
    show.(Rebeam.Native.memory_take({1, 2, "rebeam-0123456789abcdef0123456789abcdef", 10}))
    show.(Rebeam.Native.memory_take({1, 2}))
    {file, {pid, descriptor, name, size}} = Rebeam.Native.memory_lend("0123456789")
    {:ok, {_, binary}} = Rebeam.Native.memory_take({pid, descriptor, name, size})
    show.(binary)
    show.(Rebeam.Native.memory_take({pid, descriptor, name, size + 1}))
    show.(Rebeam.Native.memory_take({pid, descriptor, String.reverse(name), size}))
    Rebeam.Native.memory_close(file)
    show.({Rebeam.Native.memory_take({pid, descriptor, name, size}), binary})
    """

    gone = ~s({:error, "it cannot be opened"})

    assert LentProgram.lines!(code) == [
             "true",
             "true",
             gone,
             ~s({:error, "malformed address of memory"}),
             ~s("0123456789"),
             gone,
             gone,
             ~s({#{gone}, "0123456789"})
           ]
  end

  test "without descriptors to spare it comes as it did before" do
    program = """
    #{LentProgram.head()}
    import resource
    def driver():
        ready("one")
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        print(call("one", "echo", LARGE)[1] == LARGE, call("one", "keep", memoryview(LARGE)))
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        print(call("one", "kept")[1])
    if __name__ == "__main__":
        Supervisor([child(Holder(), name="one", isolation="process"), child(Holder(), name="here"),
                    child(driver, restart="transient", significant=True)])
    """

    assert Program.lines!(program, options: @units, limit: 100) == [
             "True (<Status.OK: 'ok'>, None)",
             "([3000000], (0, 0))"
           ]
  end
end

defmodule Rebeam.Message.LoansTest do
  # Large values between OS processes of one host (lib/rebeam/message/loans.ex).
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, LentProgram, Program}

  @units ["--workers", "2"]

  @tag :slow
  test "one copy is made, in memory that both have for as long as it is used" do
    options = @units ++ ["--python", Environment.python()]

    assert Program.lines!("message/loans/one_copy_is_made.py", options: options, limit: 100) == [
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

  @tag :slow
  test "a broadcast copies once for all" do
    assert Program.lines!("message/loans/broadcast_copies_once_for_all.py",
             options: @units,
             limit: 100
           ) == [
             "4",
             "[([3000000], (0, 2)), ([3000000], (0, 1)), ([3000000], (0, 2))] (0, 0)",
             "[1]",
             "1 True"
           ]
  end

  @tag :slow
  test "what was not taken is given back when who should take it ends, or its node" do
    code = ~S"""
    show.({node(holder) != node(), open.()})
    :sys.suspend(holder)
    for _ <- 1..3, do: true = Rebeam.cast(holder, "keep", large)
    show.(wait_until(fn -> open.() == [3_000_000, 3_000_000, 3_000_000] end))
    :sys.resume(holder)
    kept = {:ok, {[3_000_000, 3_000_000, 3_000_000], {0, 0}}}
    wait_until(fn -> Rebeam.call(holder, "kept", nil) == kept end)
    # What it took is told to a server of this side, which closes the files.
    show.(wait_until(fn -> open.() == [] end))
    :sys.suspend(holder)
    true = Rebeam.cast(holder, "keep", large)
    show.(wait_until(fn -> open.() == [3_000_000] end))
    Process.exit(holder, :kill)
    show.(wait_until(fn -> open.() == [] end))
    holder = wait_until(fn -> with pid when pid not in [nil, holder] <- Rebeam.whereis("holder"), do: pid end)
    {:ok, {_, os_pid}} = Rebeam.call(holder, "files", nil)
    :sys.suspend(holder)
    true = Rebeam.cast(holder, "keep", large)
    show.(wait_until(fn -> open.() == [3_000_000] end))
    System.cmd("kill", ["-9", "#{os_pid}"])
    show.(wait_until(fn -> open.() == [] end))
    """

    assert LentProgram.lines!(code) == [
             "{true, []}",
             "true",
             "true",
             "true",
             "true",
             "true",
             "true"
           ]
  end

  @tag :slow
  test "what is taken after its sender's OS process ended is an error, and nothing else is lost" do
    code = ~S"""
    wait_until(fn -> Rebeam.call("holder", "ask", "here") == {:ok, true} and
                   match?({:ok, {_, {_, 0}}}, Rebeam.call("here", "kept", nil)) end)
    {:ok, {_, os_pid}} = Rebeam.call("holder", "files", nil)
    here = Rebeam.whereis("here")
    monitor = Process.monitor(holder)
    :sys.suspend(here)
    Rebeam.call("holder", "send", here)
    Rebeam.cast("here", "keep", %Rebeam.Bytes{data: "small"})
    wait_until(fn -> Process.info(here, :message_queue_len) == {:message_queue_len, 2} end)
    System.cmd("kill", ["-9", "#{os_pid}"])
    receive do {:DOWN, ^monitor, _, _, _} -> :ok end
    :sys.resume(here)
    show.({Rebeam.call("here", "kept", nil), Rebeam.whereis("here") == here})
    """

    assert [refused, "{{:ok, {[5], {0, 0}}}, true}"] = LentProgram.lines!(code)
    assert refused =~ ~s(cast "keep" to )
    assert refused =~ "its sender's OS process is gone, and large memory that it lent with it"
  end

  @tag :slow
  test "from Elixir: answers, and an answer that nobody waits for" do
    code = ~S"""
    show.(Rebeam.call("holder", "echo", large) == {:ok, large})
    show.(wait_until(fn -> open.() == [] and match?({:ok, {{0, 0}, _}}, Rebeam.call("holder", "files", nil)) end))
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

  @tag :slow
  test "without descriptors to spare it comes as it did before" do
    program = """
    from rebeam import *
    from lent import *
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

  @tag :slow
  test "one that is to take something on a node that takes nothing holds up no other" do
    code = ~S"""
    alias Rebeam.Message.Loans
    {far, pid} = Rebeam.BusyNode.start()
    loans = Process.whereis(Loans)
    ask = fn -> GenServer.call(loans, :anything, 2_000) end
    monitors = fn -> {ask.(), loans |> Process.info(:monitors) |> elem(1)} |> elem(1) end
    [first, second, third] = for _ <- 1..3, do: make_ref()
    lend = &send(loans, {:lent, &1, [], [pid], false})
    taken = &send(loans, {:taken, &1, pid})

    lend.(first)
    1 = length(monitors.())
    go_on = Rebeam.BusyNode.stop(far)
    taken.(first)
    IO.inspect(length(monitors.()))
    go_on.()
    IO.inspect(wait_until(fn -> monitors.() == [] end))

    go_on = Rebeam.BusyNode.stop(far)
    lend.(second)
    lend.(third)
    IO.inspect(length(monitors.()))
    go_on.()
    IO.inspect(wait_until(fn -> length(monitors.()) == 1 end))
    taken.(third)
    taken.(second)
    IO.inspect(wait_until(fn -> monitors.() == [] end))
    """

    result = Program.elixir(code)
    assert {result.status, result.err} == {0, ""}
    assert String.split(result.out) == ["1", "true", "0", "true", "true"]
  end
end

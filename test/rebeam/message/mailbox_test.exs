defmodule Rebeam.Message.MailboxTest do
  # Bounded mailboxes: what is over the bound is refused where it is sent, what was
  # accepted is handled.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  @tag :slow
  test "over the bound: cast is False, call is overloaded, the rest is handled" do
    once = [
      "10",
      "error overloaded",
      "('error', 'overloaded')",
      "error overloaded error overloaded",
      "False False",
      "['overloaded', False]",
      "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 'plain']"
    ]

    assert Program.lines!("message/mailbox/over_the_bound.py", cd: Program.folder()) ==
             once ++ once ++ once ++ ["baseline"]
  end

  test "set in __init__; what is no limit fails the start" do
    result = Program.run("message/mailbox/set_in_init.py", options: ~w(--log-level none))
    assert %{status: 0, err: ""} = result

    assert String.split(result.out, "\n", trim: true) == [
             "3 1 50 50",
             "ValueError: Own.mailbox_limit must be at least 1, not 0",
             "ValueError: Own.mailbox_limit must be at least 1, not -1",
             "TypeError: Own.mailbox_limit must be a whole number or None, not True",
             "TypeError: Own.mailbox_limit must be a whole number or None, not 2.0",
             "TypeError: Own.mailbox_limit must be a whole number or None, not '3'"
           ]
  end

  @tag :slow
  test "a fresh actor has all its places, however the old one ended" do
    result =
      Program.run("message/mailbox/fresh_actor_has_all_its_places.py",
        options: ~w(--log-level none)
      )

    assert %{status: 0, err: "", out: "10 baseline\n"} = result
  end

  @tag :slow
  test "answers of casts count as they arrive, and the loss is logged" do
    program = """
    from rebeam import *
    from bounded import *
    from waiting import wait_until
    class Many(GenPy):
        name = "many"
        @receive()
        def all(self, message):
            return message

    run_register_process(Bounded)
    run_register_process(Many)
    cast("bounded", "hold")
    wait_until(lambda: held)
    sent = sum(cast("many", "add", n, sender_pid=whereis("bounded")) for n in range(100))
    print(sent, call("many", "sync")[0])
    gen_call("many", "any")  # behind the answers that its process passes on
    gen_call("bounded", "any")  # behind them, too
    held.clear()
    print(wait_until(lambda: (answer := call("bounded", "take"))[0] and answer[1]))
    sleep(2.5)
    """

    result = Program.run(program)
    assert %{status: 0, out: "100 ok\n[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"} = result
    assert result.err =~ "is overloaded: 1 cast dropped, as its mailbox_limit is reached"
    # Not an entry for each, but one for a second, of which a busy machine may take several.
    dropped =
      for [_, number] <- Regex.scan(~r/overloaded: (\d+) casts? dropped/, result.err), do: number

    assert ["1" | later] = dropped
    assert later |> Enum.map(&String.to_integer/1) |> Enum.sum() == 89
    assert length(later) < 10
  end

  @tag :slow
  test "callers in Elixir see the bound" do
    code = ~S"""
    Logger.configure(level: :none)
    pid = wait_until(fn -> Rebeam.whereis("bounded") end)
    hold = fn ->
      Rebeam.cast(pid, "hold", nil)
      # It, and `silent`.
      wait_until(fn -> Rebeam.info().suspended == 2 end)
    end
    hold.()
    show.(Enum.map(1..12, &Rebeam.cast("bounded", "add", &1)))
    show.(Rebeam.cast(pid, "add", 0))
    show.({Rebeam.call("bounded", "add", 0), Rebeam.call(pid, "add", 0)})
    # Past Rebeam's own functions: refused when it arrives.
    {:ok, payload} = Rebeam.Value.pack("raw")
    for _ <- 1..100_000, do: GenServer.cast(pid, {:rebeam, "add", payload, nil, nil})
    show.(GenServer.call(pid, {:rebeam, "add", payload}, :infinity) |> elem(0))
    # System messages and exits pass.
    show.(is_tuple(:sys.get_status(pid)))
    send(pid, :plain)
    Rebeam.cast("release", "now", nil)
    show.(wait_until(fn -> case Rebeam.call(pid, "take", nil) do {:ok, seen} -> seen; _ -> nil end end))
    # Large messages, and the order in which one process sends in different ways.
    large = String.duplicate("x", 5_000_000)
    show.({Rebeam.cast(pid, "add", large), Rebeam.call(pid, "take", nil) == {:ok, [large]}})
    for n <- 1..500 do
      {:ok, payload} = Rebeam.Value.pack({n, 1})
      true = wait_until(fn -> Rebeam.cast(pid, "add", {n, 0}) end)
      GenServer.cast(pid, {:rebeam, "add", payload, nil, nil})
      true = wait_until(fn -> Rebeam.cast(pid, "add", {n, 2}) end)
      send(pid, {n, 3})
      {:ok, seen} = wait_until(fn -> with {:error, _} <- Rebeam.call(pid, "take", nil), do: nil end)
      ^seen = for m <- 0..3, do: {n, m}
    end
    # Senders that are killed leave the count right.
    for n <- 1..2000 do
      sender = spawn(fn -> Enum.each(1..100, fn m -> Rebeam.cast(pid, "add", m) end) end)
      if rem(n, 2) == 0, do: :erlang.yield()
      Process.exit(sender, :kill)
      # Only then it sends no more.
      wait_until(fn -> not Process.alive?(sender) end)
    end
    wait_until(fn -> match?({:ok, _}, Rebeam.call(pid, "take", nil)) end)
    hold.()
    show.(Enum.count(1..30, &Rebeam.cast(pid, "add", &1)))
    Rebeam.cast("release", "now", nil)
    show.({Rebeam.cast("nobody", "x", 1), Rebeam.cast(:nobody, "x", 1), Rebeam.cast(spawn(fn -> :ok end), "x", 1)
           |> is_boolean()})
    """

    program = """
    from rebeam import *
    from bounded import *
    def silent():
        sleep(1000)
    class Release(GenPy):
        name = "release"
        @receive("now")
        def now(self):
            held.clear()
    Supervisor(modules=[Bounded, Release, silent])
    """

    assert InElixir.lines!(program, code) == [
             inspect(List.duplicate(true, 10) ++ [false, false]),
             "false",
             ~s({{:error, "overloaded"}, {:error, "overloaded"}}),
             ":error",
             "true",
             inspect(Enum.to_list(1..10) ++ [:plain]),
             "{true, true}",
             "10",
             "{false, false, true}"
           ]
  end

  @tag timeout: 300_000
  @tag :resident
  @tag :large
  test "1,000,000 casts to a slow actor: accepted is handled, and memory stays" do
    assert Program.lines!("message/mailbox/casts_to_a_slow_actor.py", limit: 280) == [
             "True True True",
             "flat",
             "baseline"
           ]
  end
end

defmodule Rebeam.Message.LoansAttackTest do
  # Large values between OS processes of one host, where their receivers are not plain actors, or
  # are busy, or what comes is no message of ours (lib/rebeam/message/loans.ex).
  use ExUnit.Case, async: true

  alias Rebeam.{LentProgram, Program}

  @units ["--workers", "1"]

  @tag :slow
  test "a state machine postpones what is large, and gets it later" do
    assert Program.lines!("message/loans_attack/state_machine_postpones_what_is_large.py",
             options: @units,
             limit: 100
           ) == [
             "(<Status.OK: 'ok'>, 'opened')",
             "(<Status.OK: 'ok'>, 3000000) ([3000000, 3000000, 5, 3000000], True) True"
           ]
  end

  @tag :slow
  test "what is refused or withdrawn is given back" do
    result =
      Program.run("message/loans_attack/what_is_refused_or_withdrawn_is_given_back.py",
        options: @units,
        limit: 100
      )

    assert result.err =~ "is lost: a function takes no messages"

    assert String.split(result.out, "\n", trim: true) == [
             "(<Status.OK: 'ok'>, False) True",
             "(<Status.OK: 'ok'>, 3000000)",
             "(<Status.TIMEOUT: 'timeout'>, None)",
             "True True"
           ]
  end

  @tag :slow
  test "no message ends the server" do
    code = ~S"""
    server = Process.whereis(Rebeam.Message.Loans)
    show.(Rebeam.call("Elixir.Rebeam.Message.Loans", "taken", 1))
    show.(GenServer.call(server, :other))
    Rebeam.cast("Elixir.Rebeam.Message.Loans", "taken", large)
    GenServer.cast(server, :other)
    for junk <- [1, "text", nil, [], {}, {:x}, %{}, make_ref(), self()],
        tag <- [:lent, :taken, :fetch, :over, :nodeup, :nodedown, :offer, :opened, :DOWN, :EXIT],
        size <- 1..5,
        do: send(server, List.to_tuple([tag | List.duplicate(junk, size)]))
    show.({:sys.get_state(server).loans, Process.whereis(Rebeam.Message.Loans) == server})
    show.(Rebeam.call("holder", "echo", large) == {:ok, large})
    """

    assert LentProgram.lines!(code) == [
             ~s({:error, "not an actor's answer: {:error, :not_a_rebeam_call}"}),
             "{:error, :not_a_rebeam_call}",
             "{%{}, true}",
             "true"
           ]
  end

  @tag :slow
  test "an answer is taken as it comes, however long the others take" do
    code = ~S"""
    here = wait_until(fn -> Rebeam.whereis("here") end)
    :sys.suspend(here)
    payload = Rebeam.Value.payload!(large)
    requests = for target <- ["holder", here], do: {target, "echo", payload}
    caller = self()
    task = Task.async(fn -> Rebeam.Message.Requests.call_many(caller, requests, nil, false) end)
    monitors = fn -> length(elem(Process.info(task.pid, :monitors), 1)) end
    # The call, and what says that it has arrived.
    waiting = fn -> Process.info(here, :message_queue_len) == {:message_queue_len, 2} end
    show.(wait_until(fn -> waiting.() and monitors.() == 2 end))
    lent = fn -> :sys.get_state({Rebeam.Message.Loans, node(holder)}).loans end
    show.(wait_until(fn -> lent.() == %{} and open.() == [] end))
    :sys.resume(here)
    {:ok, answers} = Task.await(task)
    show.(for {"ok", each} <- answers, do: Rebeam.Value.unpack(each.payload) == {:ok, large})
    """

    assert LentProgram.lines!(code) == ["true", "true", "[true, true]"]
  end

  @tag :slow
  test "what is no loan is no message, and harms nobody" do
    code = ~S"""
    here = wait_until(fn -> Rebeam.whereis("here") end)
    loans = Process.whereis(Rebeam.Message.Loans)
    junk = [{:lent}, {:lent, 1, 2, 3}, {:lent, loans, 1, []}, {:lent, loans, make_ref(), 1},
            {:lent, loans, make_ref(), []}, {:lent, loans, make_ref(), [<<2, 3, 2>> | 1]}, [<<2, 3, 2>> | 5],
            {:lent, loans, make_ref(), [{:file, 1}]}, {:lent, loans, make_ref(), [1, 2]},
            {:lent, loans, make_ref(), [<<2, 3, 2>>, {:file, {1, 2, "x", 3}}]}, [<<2, 3, 2>>, 5]]
    for each <- junk do
      {:error, text} = GenServer.call(here, {:rebeam, "echo", each})
      show.(Rebeam.Value.unpack(text))
      GenServer.cast(here, {:rebeam, "keep", each, nil, nil})
    end
    show.({Rebeam.call("here", "kept", nil), Rebeam.whereis("here") == here})
    """

    lines = Enum.reject(LentProgram.lines!(code), &(&1 =~ ~s(cast "keep" to )))
    {refused, [last]} = Enum.split(lines, -1)
    assert length(refused) == 11
    malformed = ~s({:ok, "malformed message"})
    assert Enum.count(refused, &(&1 == malformed)) == 10
    assert Enum.any?(refused, &(&1 =~ "large memory that it lent"))
    assert last == "{{:ok, {[], {0, 0}}}, true}"
  end

  @tag :slow
  test "what one of several gave to another process is not taken from the others" do
    code = ~S"""
    second = wait_until(fn -> Rebeam.whereis("second") end)
    wait_until(fn -> :ets.lookup(Rebeam.Message.Loans, node(second)) == [{node(second), true}] end)
    members = [holder, second]
    Enum.each(members, &:sys.suspend/1)
    Rebeam.Message.Post.cast_all(members, "keep", Rebeam.Value.payload!(large))
    loans = fn -> :sys.get_state(Rebeam.Message.Loans).loans end
    [id] = Map.keys(loans.())
    :sys.resume(holder)
    show.(match?({:ok, {[3_000_000], _}}, Rebeam.call(holder, "kept", nil)))
    for pid <- [self(), holder], do: send(Rebeam.Message.Loans, {:taken, id, pid})
    show.({map_size(loans.()), open.()})
    :sys.resume(second)
    show.(match?({:ok, {[3_000_000], _}}, Rebeam.call(second, "kept", nil)))
    show.(wait_until(fn -> loans.() == %{} and open.() == [] end))
    """

    assert LentProgram.lines!(code) == ["true", "{1, [3000000]}", "true", "true"]
  end
end

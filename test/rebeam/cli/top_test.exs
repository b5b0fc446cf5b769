defmodule Rebeam.CLI.TopTest do
  # The screen of `rebeam top`, and its keys.
  use ExUnit.Case, async: true

  alias Rebeam.CLI.Top.{Screen, State}
  alias Rebeam.{Program, Running}

  @info %{
    uptime: 75.0,
    python: "/usr/bin/python3",
    actors: 12_345,
    running: 2,
    waiting: 300,
    crashes: 1,
    counts: %{units: [%{isolation: "process", index: 1}]},
    rate: 4567.8,
    queue: 9,
    load: 1.25,
    cores: 2,
    memory: 500_000_000,
    beam: 100_000_000
  }

  defp row(n) do
    %{
      pid: self(),
      shown: "<0.#{n}.0>",
      name: "w#{n}",
      id: "w",
      class: "Worker",
      kind: :actor,
      unit: "shared",
      load: 0.5,
      rate: 3.25,
      queue: 0,
      messages: 12,
      busy: 0.25,
      memory: 2048,
      restarts: 0,
      age: nil,
      state: if(n == 1, do: :running, else: :idle),
      doing: if(n == 1, do: "'spin' for 1.2 s", else: "")
    }
  end

  defp lines(rows, state, size) do
    {lines, state} =
      Screen.draw(%{info: @info, title: "main.py (17)", rows: rows, text: nil}, state, size)

    {Enum.map(lines, &IO.iodata_to_binary/1), state}
  end

  test "80 columns show what says most, 130 all; what is selected is reversed, what runs is bold" do
    {lines, state} = lines(Enum.map(1..40, &row/1), %State{selected: 1}, {80, 24})
    assert length(lines) == 24
    assert length(state.shown) == Screen.room(24)

    assert Enum.take(lines, 6) == [
             "rebeam top - main.py (17), up 75 s, Python python3",
             "actors 12k: 2 running, 300 waiting; crashes 1; process 1",
             "messages 4568/s, 9 in queues; load 125% of 2 cores; memory 477M, BEAM 95M",
             "actors by load; every 3 s; h for help",
             "\e[7m" <>
               String.pad_trailing("PID       NAME  LOAD*  MSG/S  QUEUE   MEM  DOING", 80) <>
               "\e[0m",
             "\e[1m<0.1.0>   w1      50%    3.3      0  2.0K  'spin' for 1.2 s\e[0m"
           ]

    assert Enum.at(lines, 6) =~ ~r/^\e\[7m<0.2.0> /
    {lines, _} = lines([row(1)], %State{}, {130, 24})

    assert Enum.at(lines, 4) =~
             "PID      NAME  CLASS   UNIT    LOAD*  MSG/S  QUEUE  HANDLED   BUSY   MEM  RESTARTS  DOING"

    {lines, _} = lines(Enum.map(1..3, &row/1), %State{idle?: false}, {80, 24})
    assert length(lines) == 6
    {lines, _} = lines([], %State{help?: true}, {80, 24})
    assert Enum.at(lines, 4) =~ "P  by load"
    assert Enum.all?(lines, &(String.length(&1) <= 80))
  end

  defp press(state, bytes), do: Enum.reduce(State.keys(bytes), state, &State.press(&2, &1))

  test "keys" do
    assert State.keys("\e[Aé\e[5~\r\e") == [:up, "é", :page_up, :enter, :escape]
    state = %State{shown: for(n <- 1..5, do: {self(), "<0.#{n}.0>"})}
    assert press(state, "M").order == :memory
    assert press(state, ">").order == :rate
    assert press(state, "<").order == :age
    assert press(state, "\e[B\e[B\e[B\e[A").selected == 2
    assert press(state, "\e[6~").selected == 4
    assert press(state, "\e[A").selected == 0
    assert press(state, "\e[B\r").follow == {self(), "<0.2.0>"}
    assert press(state, "\rq").follow == nil
    assert press(state, "/quick\b\d").typed == "qui"
    assert %{typed: nil, search: "quit"} = press(state, "/quit\r")
    assert press(state, "/x\r=").search == ""
    assert press(state, "V").view == :tree
    assert press(state, "++").interval == 12
    assert press(state, "hq") == state
    assert press(state, "q") == :quit
    assert State.press(%{state | typed: "a"}, :quit) == :quit
  end

  @tag :slow
  test "on a terminal, which is as before afterwards" do
    program = Running.start("cli/looking/shop.py")
    limits = [own: true, pty: true]

    quits = [{"by load", :type, "V"}, {"one_for_one", :type, "q"}]
    result = Program.run({:words, ["top", "#{program.pid}"]}, [on: quits] ++ limits)
    assert result.status == 0
    assert result.out =~ "shop <0."
    assert result.out =~ "\e[?1049h\e[?25l"
    assert String.ends_with?(result.out, "\e[?25h\e[?1049l")

    ended = [{"by load", :signal, "SIGTERM"}]
    result = Program.run({:words, ["top", "#{program.pid}"]}, [on: ended] ++ limits)
    assert result.status == "SIGTERM"
    assert String.ends_with?(result.out, "\e[?25h\e[?1049l")
  end
end

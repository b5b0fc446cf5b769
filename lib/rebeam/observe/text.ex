defmodule Rebeam.Observe.Text do
  @moduledoc false
  # What was looked at, as text for people: tables, trees, stacks. Names are Python's words.

  alias Rebeam.Observe.Table
  alias Rebeam.Packed
  alias Rebeam.Value.{Codec, Repr}
  import Rebeam.Observe.Amount

  # Of a message so many characters are shown.
  @message_max 200

  @doc "Rows of `Rebeam.Observe.actors/2`."
  @spec actors([map]) :: String.t()
  def actors(rows) do
    Table.draw(rows, [
      {"PID", :left, &pid(&1.pid)},
      {"NAME", :left, &name/1},
      {"CLASS", :left, &(&1.class || to_string(&1.kind))},
      {"UNIT", :left, & &1.unit},
      {"LOAD", :right, &percent(&1.load)},
      {"MSG/S", :right, &rate(&1.rate)},
      {"QUEUE", :right, &count(&1.queue)},
      {"HANDLED", :right, &count(&1.messages)},
      {"BUSY", :right, &duration(&1.busy)},
      {"MEMORY", :right, &bytes(&1.memory)},
      {"RESTARTS", :right, &count(&1.restarts)},
      {"DOING", :left, &doing/1}
    ])
  end

  @doc "Those of `Rebeam.Observe.classes/0`."
  @spec classes([map]) :: String.t()
  def classes(rows) do
    Table.draw(rows, [
      {"CLASS", :left, &if(&1.class == "", do: to_string(&1.kind), else: &1.class)},
      {"COUNT", :right, &count(&1.count)},
      {"RUNNING", :right, &count(&1.running)},
      {"WAITING", :right, &count(&1.waiting)},
      {"LOAD", :right, &percent(&1.load)},
      {"MSG/S", :right, &rate(&1.rate)},
      {"QUEUE", :right, &count(&1.queue)},
      {"HANDLED", :right, &count(&1.messages)},
      {"BUSY", :right, &duration(&1.busy)},
      {"UNITS", :left, &Enum.join(&1.units, ", ")}
    ])
  end

  # What it is called: its registered name, else its child id.
  defp name(row), do: row.name || row.id || "-"

  @doc "What an actor is at, in words; empty of one that is idle."
  @spec doing(map) :: String.t()
  def doing(%{state: :idle}), do: ""
  def doing(row), do: work(row) <> for_so_long(row.age) <> state(row)

  defp work(%{work: work, subject: subject}) when work in [:call, :cast] and subject != nil,
    do: Repr.repr(subject)

  defp work(%{work: nil}), do: "its body"
  defp work(%{work: :run}), do: "its function"
  defp work(%{work: :info}), do: "@info"
  defp work(%{work: work}), do: "@#{work}"

  defp for_so_long(nil), do: ""
  defp for_so_long(seconds), do: " for " <> duration(seconds)

  defp state(%{state: :running}), do: ""
  defp state(row), do: ", " <> awaited(row) <> " for " <> duration(row.since) <> holds(row)

  defp awaited(%{waits_for: :call, target: nil}), do: "waits for an answer"
  defp awaited(%{waits_for: :call, target: target}), do: "waits for " <> pid(target)
  defp awaited(%{waits_for: :sleep}), do: "sleeps"
  defp awaited(%{waits_for: :python}), do: "in asyncio"
  defp awaited(_row), do: "waits for the runtime"

  defp holds(%{state: :blocked}), do: ", holding a thread"
  defp holds(_row), do: ""

  # ---- trees -------------------------------------------------------------------------------

  @doc "Entries of `Rebeam.Observe.tree/1`."
  @spec tree([map]) :: String.t()
  def tree(entries), do: Enum.map_join(entries, "\n", &Enum.join(entry(&1), "\n"))

  defp entry(%{children: children} = entry) do
    strategy = if entry.strategy, do: [", ", to_string(entry.strategy)], else: []
    more = entry.count - length(children)
    last = if more > 0, do: [["... and #{count(more)} more"]], else: []

    head = [
      entry.id,
      " ",
      pid(entry.pid),
      " (#{count(entry.count)}",
      strategy,
      restarts(entry),
      state_of(entry),
      ")"
    ]

    [IO.iodata_to_binary(head) | branches(Enum.map(children, &entry/1) ++ last)]
  end

  defp entry(child) do
    [
      IO.iodata_to_binary([
        child.id,
        " ",
        pid(child.pid),
        about(child),
        restarts(child),
        state_of(child)
      ])
    ]
  end

  # Each child is the lines that it takes.
  defp branches([]), do: []
  defp branches([last]), do: branch(last, "└─ ", "   ")
  defp branches([first | rest]), do: branch(first, "├─ ", "│  ") ++ branches(rest)

  defp branch([first | rest], head, below), do: [head <> first | Enum.map(rest, &(below <> &1))]

  defp about(%{actor: nil}), do: ""

  defp about(%{id: id, actor: actor}) do
    parts = [
      actor.class != id && actor.class,
      actor.name != id && actor.name && Repr.repr(actor.name),
      actor.unit != "shared" && actor.unit
    ]

    for part <- parts, part, do: [" ", part]
  end

  defp restarts(%{restarts: 0}), do: ""
  defp restarts(%{restarts: 1}), do: ", restarted once"
  defp restarts(%{restarts: n}), do: ", restarted #{count(n)} times"

  defp state_of(%{state: :running}), do: ""
  defp state_of(%{state: :busy}), do: ", starts or ends a child"
  defp state_of(%{state: state}), do: ", #{state}"

  # ---- waits, crashes ------------------------------------------------------------------------

  @doc "Those of `Rebeam.Observe.waits/1`."
  @spec waits([map]) :: String.t()
  def waits([]), do: "nobody waits for an answer"

  def waits(waits) do
    Table.draw(waits, [
      {"WAITER", :left, &who(&1.waiter)},
      {"IN", :left, &in_handler(&1.waiter)},
      {"WAITS FOR", :left, &who(&1.target)},
      {"WHICH IS AT", :left, &target_doing/1},
      {"SINCE", :right, &duration(&1.since)},
      {"", :left, &if(&1.cycle, do: "CYCLE", else: "")}
    ])
  end

  defp who(%{class: _} = row), do: "#{name(row)} #{pid(row.pid)}"
  defp who(%{pid: nil, name: name}), do: name
  defp who(%{pid: pid}), do: pid(pid)

  defp in_handler(%{class: _} = row), do: work(row)
  defp in_handler(_row), do: "a thread"

  defp target_doing(%{target: %{class: _} = row}), do: doing(row)
  defp target_doing(_wait), do: ""

  @doc "Those of `Rebeam.Observe.crashes/1`, the newest first."
  @spec crashes([map]) :: String.t()
  def crashes([]), do: "nothing crashed"
  def crashes(crashes), do: Enum.map_join(crashes, "\n\n", &crash/1)

  defp crash(crash) do
    at = if crash.work, do: " in " <> work(crash), else: ""

    times =
      if crash.count == 1,
        do: "",
        else: ", #{count(crash.count)} times since #{clock(crash.first)}"

    traceback =
      if crash.traceback == "", do: crash.reason, else: String.trim_trailing(crash.traceback)

    "#{clock(crash.last)} #{crash.who} #{pid(crash.pid)} crashed#{at}#{times}\n#{indent(traceback)}"
  end

  defp indent(text), do: text |> String.split("\n") |> Enum.map_join("\n", &("  " <> &1))

  # ---- one actor ---------------------------------------------------------------------------

  @doc "What `Rebeam.Observe.stack/1` found."
  @spec stack(map) :: String.t()
  def stack(%{actor: row, stacks: stacks}) do
    head =
      "#{name(row)} #{pid(row.pid)}, #{row.class || row.kind}, #{row.unit}: #{with("" <- doing(row), do: "idle")}"

    Enum.join([head | stacks(stacks, row)], "\n")
  end

  @doc "The same below the actor's row."
  @spec followed(map) :: String.t()
  def followed(%{actor: row} = stack), do: actors([row]) <> "\n\n" <> stack(stack)

  defp stacks(:unknown, _row),
    do: ["  where its code is, is not known: Python did not answer, as code in C holds the GIL"]

  defp stacks([], %{state: :idle}), do: []
  defp stacks([], _row), do: ["  it has no Python code on its stack"]
  defp stacks(stacks, _row), do: Enum.flat_map(stacks, &one_stack/1)

  defp one_stack({task, running?, frames}) do
    what = if task == "", do: [], else: ["  task #{task}#{if running?, do: ", on a thread"}:"]
    what ++ Enum.flat_map(frames, &frame/1)
  end

  defp frame({file, line, function, text, locals}) do
    shown = for {name, value} <- locals, do: "      #{name} = #{value}"
    code = if text == "", do: [], else: ["    " <> text]
    [~s(  File "#{file}", line #{line}, in #{function}) | code ++ shown]
  end

  @doc "Events of `Rebeam.Observe.trace/3`."
  @spec trace([map]) :: String.t()
  def trace(events), do: Enum.map_join(events, "\n", &event/1)

  @doc "One of them, as a line."
  @spec event(map) :: String.t()
  def event(event),
    do:
      String.pad_leading(:erlang.float_to_binary(event.at, decimals: 6), 11) <>
        "  " <> happened(event)

  defp happened(%{what: :ask, other: nil} = event), do: "  waits for #{event.subject}"

  defp happened(%{what: :ask} = event),
    do: "  calls #{target(event.other)} #{Repr.repr(event.subject)} #{message(event.message)}"

  defp happened(%{what: :got} = event),
    do: "  gets #{status(event)}#{message(event.message)}"

  defp happened(%{what: :reply} = event),
    do: "<- #{status(event)}#{message(event.message)} after #{duration(event.took)}"

  defp happened(%{what: :raised} = event), do: "<- raised after #{duration(event.took)}"
  defp happened(%{what: :done} = event), do: "   done after #{duration(event.took)}"

  defp happened(event) do
    subject = if event.subject, do: " " <> Repr.repr(event.subject), else: ""
    sender = if event.other, do: " from " <> target(event.other), else: ""
    "-> #{event.what}#{subject} #{message(event.message)}#{sender}"
  end

  defp message(nil), do: ""
  defp message({:large, 0}), do: "<large>"
  defp message({:large, size}), do: "<#{bytes(size)}>"

  defp message(%Packed{payload: payload}) do
    case Codec.unpack_message(payload) do
      {:ok, term} -> Repr.repr(term, @message_max)
      {:error, text} -> "<#{text}>"
    end
  end

  defp status(%{status: nil}), do: ""
  defp status(%{status: status}), do: "#{status} "

  defp target(pid) when is_pid(pid), do: pid(pid)
  defp target(other), do: Repr.repr(other)

  # ---- the whole ---------------------------------------------------------------------------

  @doc "What `Rebeam.Observe.info/0` says."
  @spec info(map) :: String.t()
  def info(info) do
    counts = for {key, n} <- Enum.sort(info.counts), is_integer(n), do: "#{key} #{count(n)}"
    units = for unit <- info.counts.units, do: "#{unit.isolation} #{unit.index}"

    lines = [
      {"Re:BEAM", "#{info.version}, Elixir #{info.elixir}, OTP #{info.otp}"},
      {"Python", info.python || "not started"},
      {"node",
       "#{info.node}, OS process #{info.os_pid}, #{info.cores} cores, up #{duration(info.uptime)}"},
      {"units",
       if(units == [], do: "none but the main interpreter", else: Enum.join(units, ", "))},
      {"actors",
       "#{count(info.actors)}: #{count(info.running)} run, #{count(info.waiting)} wait"},
      {"messages",
       "#{rate(info.rate)} a second, #{count(info.messages)} handled, #{count(info.queue)} wait"},
      {"load", "#{percent(info.load)} of a core"},
      {"memory", "#{bytes(info.memory)} resident, #{bytes(info.beam)} of it the BEAM's"},
      {"crashes", count(info.crashes)},
      {"counts", Enum.join(counts, ", ")}
    ]

    Enum.map_join(lines, "\n", fn {what, text} -> String.pad_trailing(what, 10) <> text end)
  end
end

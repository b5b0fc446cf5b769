defmodule Rebeam.Observe.Actors do
  @moduledoc false
  # Actors, functions and scripts as they are now, one by one or by class: on this node, and put
  # together of all nodes of the program.

  alias Rebeam.{Names, Native, Nodes}
  alias Rebeam.Child.Restarts
  alias Rebeam.Observe.{Program, Survey}

  @typedoc """
  One of them. Times are in seconds, `memory` in bytes. `state` is `:idle`, `:running`, `:waiting` or
  `:blocked` (it waits and keeps its thread), since so long; `waits_for` is `:call`, `:operation`,
  `:sleep` or `:python`. `work` is what it is at: `:call`, `:cast`, `:info`, `:start` and the like.
  `queue` counts messages, here and in its process' mailbox. `messages` and `busy` are all since its
  start, `rate` (a second) and `load` (from 0 to 1) of the last moments. `unit`: see `Program`.
  """
  @type row :: %{atom => term}

  @orders ~w(load rate queue messages busy age memory restarts)a

  @doc "What they can be sorted by; the highest comes first."
  @spec orders :: [atom]
  def orders, do: @orders

  @doc "The first `limit` of the program by `order`; of those that have the text in what they are called."
  @spec list(atom, pos_integer, String.t()) :: [row]
  def list(order, limit, search \\ "")

  def list(:restarts, limit, search) do
    counts = Enum.sort_by(Restarts.all(), &(-elem(&1, 1)))
    rows = counts |> Enum.map(&elem(&1, 0)) |> of()
    rows |> Enum.filter(&called?(&1, String.downcase(search))) |> Enum.take(limit)
  end

  def list(order, limit, search) do
    Program.ask(__MODULE__, :here, [order, limit, String.downcase(search)])
    |> together()
    |> Enum.sort(&first?(&1, &2, order))
    |> Enum.take(limit)
  end

  @doc "Those of these processes that are some, in this order."
  @spec of([pid]) :: [row]
  def of(pids) do
    actors = Enum.map(pids, &Rebeam.Units.StandIn.actor/1)
    rows = together(Program.ask(__MODULE__, :rows_here, [actors]))
    found = Map.new(rows, &{&1.pid, &1})
    for pid <- actors, row = found[pid], do: row
  end

  @doc "Those that are no children of a supervisor of a script's; these are `seen`."
  @spec outside(MapSet.t(pid)) :: [row]
  def outside(seen) do
    here = Program.ask(__MODULE__, :outside_here, [])
    pids = for {_, pids} <- here, pid <- pids, not MapSet.member?(seen, pid), do: pid
    for row <- of(pids), row.kind != :script, do: row
  end

  @doc "How many there are of each class, and what these do, the busiest first."
  @spec classes :: [row]
  def classes do
    units = Program.units()

    sums =
      for {node, rows} <- Program.ask(__MODULE__, :classes_here, []), row <- rows do
        {unit, row} = Map.pop!(row, :interpreter)
        {{row.class, row.kind}, Map.put(row, :units, [Program.unit(units, node, unit)])}
      end

    for {_, [first | rest]} <- Enum.group_by(sums, &elem(&1, 0), &elem(&1, 1)) do
      Enum.reduce(rest, first, &add/2)
    end
    |> Enum.sort_by(&{&1.load, &1.rate, &1.count}, :desc)
  end

  defp add(a, b) do
    Map.merge(a, b, fn
      :units, a, b -> Enum.uniq(b ++ a)
      key, a, b when key in [:class, :kind] -> a && b
      _, a, b -> a + b
    end)
  end

  # With what the main node alone knows.
  defp together(told) do
    units = Program.units()

    for {node, rows} <- told, row <- rows do
      {interpreter, row} = Map.pop!(row, :interpreter)
      # A unit's actor is stood in for by the child that its supervisor has.
      child = if row.stands_in, do: row.stands_in, else: row.pid
      unit = Program.unit(units, node, interpreter)
      row |> Map.delete(:stands_in) |> Map.merge(%{unit: unit, restarts: Restarts.of(child)})
    end
  end

  # The older process first where nothing else tells.
  defp first?(a, b, order) do
    {value_a, value_b} = {value(a, order), value(b, order)}
    if value_a == value_b, do: a.pid <= b.pid, else: value_a > value_b
  end

  defp value(row, :load), do: {row.load, row.busy}
  defp value(row, :rate), do: {row.rate, row.messages}
  defp value(row, :age), do: row.age || -1
  defp value(row, order), do: Map.fetch!(row, order)

  # ---- on each node -------------------------------------------------------------------------

  # All that may be asked for by a text.
  @all 10_000_000

  @doc false
  def here(order, limit, search) do
    survey = Survey.get()
    ranked = ranked(order, if(search == "", do: limit, else: @all), survey)
    rows = ranked |> Stream.map(&row(&1, survey)) |> Stream.filter(&(&1 && called?(&1, search)))
    Enum.take(rows, limit)
  end

  defp ranked(:memory, limit, {current, earlier, _}) do
    current
    |> Native.survey_pids()
    |> Enum.map(&{memory(&1), &1})
    |> Enum.sort(:desc)
    |> Stream.map(&Native.survey_row(current, earlier, elem(&1, 1)))
    |> Stream.reject(&is_nil/1)
    |> Stream.take(limit)
  end

  defp ranked(order, limit, {current, earlier, _}),
    do: Native.survey_rows(current, earlier, order, limit)

  defp called?(_row, ""), do: true

  defp called?(row, search) do
    Enum.any?(
      [row.name, row.id, row.class],
      &(&1 && String.contains?(String.downcase(&1), search))
    )
  end

  defp memory(pid), do: with({:memory, bytes} <- Process.info(pid, :memory), do: bytes) || 0

  @doc false
  def rows_here(pids), do: rows(Enum.filter(pids, &(node(&1) == node())), Survey.get())

  @doc false
  def outside_here do
    {current, _, _} = Survey.get()
    pids = Native.survey_pids(current)
    if Nodes.main?(), do: pids, else: Enum.filter(pids, &outside?/1)
  end

  defp outside?(pid) do
    with {:dictionary, dictionary} <- Process.info(pid, :dictionary),
         do: match?({_, nil}, parents(dictionary[:"$ancestors"])),
         else: (_ -> false)
  end

  @doc false
  def classes_here do
    {current, earlier, seconds} = Survey.get()

    for {kind, class, interpreter, count, running, waiting, queue, handled, busy, new_handled,
         new_busy} <- Native.survey_names(current, earlier) do
      %{
        class: class,
        kind: kind,
        interpreter: interpreter,
        count: count,
        running: running,
        waiting: waiting,
        queue: queue,
        messages: handled,
        busy: seconds(busy),
        rate: new_handled / seconds,
        load: seconds(new_busy) / seconds
      }
    end
  end

  defp rows(pids, {current, earlier, _} = survey) do
    found = for pid <- pids, row = known(current, earlier, pid), do: row(row, survey)
    Enum.reject(found, &is_nil/1)
  end

  # One that has just begun is in no survey, and has done nothing lately.
  defp known(current, earlier, pid) do
    with nil <- Native.survey_row(current, earlier, pid),
         {row, _, _, _} <- Native.survey_look(pid),
         do: row
  end

  # Nil for one that has ended.
  defp row(
         {pid, kind, class, interpreter, _state, _purpose, _target, _since, _age, _queue,
          _handled, _busy, new_handled, new_busy, _branches},
         {_, _, seconds}
       ) do
    with [_ | _] = info <- Process.info(pid, [:message_queue_len, :memory, :dictionary]),
         {now, work, subject, caller} <- Native.survey_look(pid) do
      {_, _, _, _, state, purpose, target, since, age, queue, handled, busy, _, _, _} = now
      {supervisor, stands_in} = parents(info[:dictionary][:"$ancestors"])

      %{
        pid: pid,
        name: List.first(Names.names_of(pid)),
        id: label(info[:dictionary]),
        class: if(class == "", do: nil, else: class),
        kind: kind,
        interpreter: interpreter,
        state: state,
        waits_for: purpose,
        target: target,
        since: seconds(since),
        work: work,
        subject: if(work in [:call, :cast], do: subject(subject)),
        caller: caller,
        age: age && seconds(age),
        queue: queue + info[:message_queue_len],
        messages: handled,
        rate: new_handled / seconds,
        busy: seconds(busy),
        load: min(seconds(new_busy) / seconds, 1.0),
        memory: info[:memory],
        supervisor: supervisor,
        stands_in: stands_in
      }
    end
  end

  defp label(dictionary), do: dictionary[:"$rebeam_label"] || dictionary[:"$process_label"]

  # In a unit what stands in for it comes between.
  defp parents([stand_in, supervisor | _]) when is_pid(stand_in) and node(stand_in) != node(),
    do: {pid(supervisor), stand_in}

  defp parents([supervisor | _]), do: {pid(supervisor), nil}
  defp parents(_), do: {nil, nil}

  defp pid(name) when is_atom(name), do: Process.whereis(name)
  defp pid(pid), do: pid

  # Of a state machine it says more: see Rebeam.StateMachine.Step.
  defp subject(<<0, _::binary>> = text), do: text |> String.split(<<0>>) |> List.last()
  defp subject(text), do: text

  defp seconds(nanoseconds), do: nanoseconds / 1.0e9
end

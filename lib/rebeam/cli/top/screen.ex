defmodule Rebeam.CLI.Top.Screen do
  @moduledoc false
  # The screen of `rebeam top`: lines of text, as wide and as many as it has room for.

  import Rebeam.Observe.Amount

  alias Rebeam.CLI.Top.State
  alias Rebeam.Observe.Table

  @reverse "\e[7m"
  @bold "\e[1m"
  @plain "\e[0m"

  # What is above the rows.
  @head 5

  @help """
  P  by load: the part of the time on a thread     a  actors
  T  by busy time since the start                  c  classes
  M  by memory of the process                      V  trees
  >  <  by the next column, by the one before      w  who waits for whom
  i  show idle actors or not                       x  crashes
  /  L  search in names and classes; = or Esc ends that
  up, down, page up, page down  select             Enter  f  follow it: its stack
  +  -  less or more often                         q  Ctrl-C  quit
  """

  @typedoc "What the program says: `info`, and for the view either `rows` or `text`."
  @type data :: %{info: map, title: String.t(), rows: [map], text: String.t() | nil}

  @doc "How many rows a screen of so many lines shows."
  @spec room(pos_integer) :: pos_integer
  def room(lines), do: max(lines - @head, 1)

  @doc "The lines, and the state that knows which rows there are."
  @spec draw(data, State.t(), {pos_integer, pos_integer}) :: {[iodata], State.t()}
  def draw(data, state, {columns, lines}) do
    {body, state} = body(data, state, columns, room(lines))
    head = Enum.map(head(data, state), &fit(&1, columns))
    {Enum.take(head ++ body, lines), state}
  end

  defp head(%{info: info, title: title}, state) do
    units = for unit <- info.counts.units, do: "#{unit.isolation} #{unit.index}"
    units = if units == [], do: "no units", else: Enum.join(units, ", ")

    [
      "rebeam top - #{title}, up #{duration(info.uptime)}, Python #{python(info.python)}",
      "actors #{count(info.actors)}: #{count(info.running)} running, #{count(info.waiting)} waiting; crashes #{count(info.crashes)}; #{units}",
      "messages #{rate(info.rate)}/s, #{count(info.queue)} in queues; load #{percent(info.load)} of #{info.cores} cores; memory #{bytes(info.memory)}, BEAM #{bytes(info.beam)}",
      prompt(state)
    ]
  end

  defp python(nil), do: "not started"
  defp python(path), do: Path.basename(path)

  defp prompt(%{typed: text}) when text != nil, do: "search: " <> text <> "_"
  defp prompt(%{follow: {_, shown}}), do: "following #{shown}; q goes back"

  defp prompt(%{view: :actors} = state) do
    search = if state.search == "", do: "", else: ", with \"#{state.search}\""
    idle = if state.idle?, do: "", else: ", not the idle ones"
    "actors by #{state.order}#{search}#{idle}; every #{state.interval} s; h for help"
  end

  defp prompt(state), do: "#{state.view}; every #{state.interval} s; a for actors, h for help"

  # ---- below the head ------------------------------------------------------------------------

  defp body(_data, %{help?: true} = state, columns, room), do: {text(@help, columns, room), state}

  defp body(%{text: text}, state, columns, room) when text != nil,
    do: {text(text, columns, room), %{state | shown: []}}

  defp body(%{rows: rows}, %{view: :classes} = state, columns, room) do
    {table(rows, classes(), columns, room, nil, []), %{state | shown: []}}
  end

  defp body(%{rows: rows}, state, columns, room) do
    rows = if state.idle?, do: rows, else: Enum.reject(rows, &(&1.state == :idle))
    rows = Enum.take(rows, room)
    shown = Enum.map(rows, &{&1.pid, &1.shown})
    selected = min(state.selected, max(length(rows) - 1, 0))
    busy = for {row, index} <- Enum.with_index(rows), row.state == :running, do: index
    lines = table(rows, actors(columns, state.order), columns, room, selected, busy)
    {lines, %{state | shown: shown, selected: selected}}
  end

  defp text(text, columns, room) do
    text |> String.split("\n") |> Enum.take(room) |> Enum.map(&fit(&1, columns))
  end

  defp table(rows, shown, columns, room, selected, bold) do
    [title | lines] = rows |> Table.draw(shown) |> String.split("\n") |> Enum.take(room + 1)

    [
      [@reverse, pad(title, columns), @plain]
      | Enum.with_index(lines, fn line, index ->
          cond do
            index == selected -> [@reverse, pad(line, columns), @plain]
            index in bold -> [@bold, fit(line, columns), @plain]
            true -> fit(line, columns)
          end
        end)
    ]
  end

  # A narrow screen has the columns that say most; what is sorted by is among them.
  defp actors(columns, order) do
    wide? = columns >= 120

    all = [
      {true, :pid, {"PID", :left, & &1.shown}},
      {true, :name, {"NAME", :left, &(&1.name || &1.id || "-")}},
      {wide?, :class, {"CLASS", :left, &(&1.class || to_string(&1.kind))}},
      {wide?, :unit, {"UNIT", :left, & &1.unit}},
      {true, :load, {"LOAD", :right, &percent(&1.load)}},
      {true, :rate, {"MSG/S", :right, &rate(&1.rate)}},
      {true, :queue, {"QUEUE", :right, &count(&1.queue)}},
      {wide?, :messages, {"HANDLED", :right, &count(&1.messages)}},
      {wide?, :busy, {"BUSY", :right, &duration(&1.busy)}},
      {true, :memory, {"MEM", :right, &bytes(&1.memory)}},
      {wide?, :restarts, {"RESTARTS", :right, &count(&1.restarts)}},
      {true, :age, {"DOING", :left, & &1.doing}}
    ]

    for {shown?, key, {title, side, show}} <- all, shown? or key == order do
      {if(key == order, do: title <> "*", else: title), side, show}
    end
  end

  defp classes do
    [
      {"CLASS", :left, &if(&1.class == "", do: to_string(&1.kind), else: &1.class)},
      {"COUNT", :right, &count(&1.count)},
      {"RUN", :right, &count(&1.running)},
      {"WAIT", :right, &count(&1.waiting)},
      {"LOAD", :right, &percent(&1.load)},
      {"MSG/S", :right, &rate(&1.rate)},
      {"QUEUE", :right, &count(&1.queue)},
      {"HANDLED", :right, &count(&1.messages)},
      {"BUSY", :right, &duration(&1.busy)}
    ]
  end

  defp pad(line, columns), do: line |> fit(columns) |> String.pad_trailing(columns)

  defp fit(line, columns), do: String.slice(line, 0, columns)
end

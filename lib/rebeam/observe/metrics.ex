defmodule Rebeam.Observe.Metrics do
  @moduledoc false
  # The program in numbers for machines: as Prometheus reads them (its text format 0.0.4), and as JSON.
  # Counters only grow while their unit lives; what actors that have ended did is in them.

  alias Rebeam.{Native, Units}
  alias Rebeam.Log.Crashes
  alias Rebeam.Observe.{Json, Program, Summary, Survey}

  @typedoc "One number of the program, or several that differ by their labels."
  @type metric :: %{
          name: String.t(),
          type: :gauge | :counter,
          help: String.t(),
          samples: [%{labels: %{atom => String.t()}, value: number}]
        }

  # Of each unit's actors by class: {name, type, what it is, of the living, of those that have ended}.
  @of_classes [
    {"rebeam_actors", :gauge, "Actors, functions and scripts", :count},
    {"rebeam_actors_running", :gauge, "Of these, those whose code runs on a thread", :running},
    {"rebeam_actors_waiting", :gauge, "Of these, those that wait within a handler", :waiting},
    {"rebeam_queue_messages", :gauge, "Messages that wait for them", :queue},
    {"rebeam_messages_total", :counter, "Messages that they have handled", :messages},
    {"rebeam_busy_seconds_total", :counter, "Time that their code was on a thread", :busy}
  ]

  @of_nodes [
    {"rebeam_memory_bytes", "Resident memory of the OS process", :memory},
    {"rebeam_beam_memory_bytes", "Memory that its BEAM has allocated", :beam},
    {"rebeam_beam_processes", "Processes of its BEAM", :processes},
    {"rebeam_beam_run_queue", "Processes of its BEAM that could run and wait", :run_queue}
  ]

  @of_counts [
    {"rebeam_suspended", "Suspended pieces of code", :suspended},
    {"rebeam_blocked", "Threads that wait on the plain path", :blocked},
    {"rebeam_threads", "Threads of executors", :threads},
    {"rebeam_abandoned_threads", "Threads on which code of ended actors still runs", :abandoned},
    {"rebeam_queued_jobs", "Pieces of work that wait for a thread", :queued}
  ]

  @doc "On the main node."
  @spec all :: [metric]
  def all do
    told = Program.ask(__MODULE__, :here, [])
    classes(told) ++ nodes(told) ++ counts() ++ program()
  end

  defp classes(told) do
    units = Program.units()

    for {name, type, help, key} <- @of_classes do
      samples =
        for {node, %{classes: classes}} <- told,
            {{class, interpreter}, sums} <- classes,
            value = sums[key] do
          %{labels: %{class: class, unit: Program.unit(units, node, interpreter)}, value: value}
        end

      metric(name, type, help, merged(samples))
    end
  end

  # A class may be of several kinds, and those that have ended are in no interpreter.
  defp merged(samples) do
    samples
    |> Enum.group_by(& &1.labels, & &1.value)
    |> Enum.sort()
    |> Enum.map(fn {labels, values} -> %{labels: labels, value: Enum.sum(values)} end)
  end

  defp nodes(told) do
    for {name, help, key} <- @of_nodes do
      metric(
        name,
        :gauge,
        help,
        for({node, %{node: facts}} <- told, do: sample(facts[key], node: to_string(node)))
      )
    end
  end

  defp counts do
    counts = Units.info()
    for {name, help, key} <- @of_counts, do: metric(name, :gauge, help, [sample(counts[key])])
  end

  defp program do
    [
      metric("rebeam_crashes_total", :counter, "Crashes", [sample(Crashes.count())]),
      metric("rebeam_uptime_seconds", :gauge, "Time since the program began", [
        sample(elem(:erlang.statistics(:wall_clock), 0) / 1000)
      ])
    ]
  end

  defp metric(name, type, help, samples),
    do: %{name: name, type: type, help: help, samples: samples}

  defp sample(value, labels \\ []), do: %{labels: Map.new(labels), value: value}

  @doc false
  def here do
    %{node: Summary.here(), classes: living() ++ ended()}
  end

  # No rates are wanted: what the last survey says will do.
  defp living do
    for {kind, class, interpreter, count, running, waiting, queue, handled, busy, _, _} <-
          Native.survey_names(Survey.recent(), nil) do
      {{if(class == "", do: to_string(kind), else: class), interpreter},
       %{
         count: count,
         running: running,
         waiting: waiting,
         queue: queue,
         messages: handled,
         busy: busy / 1.0e9
       }}
    end
  end

  defp ended do
    for {class, handled, busy} <- Native.survey_ended(),
        do: {{class, 0}, %{messages: handled, busy: busy / 1.0e9}}
  end

  # ---- as text -------------------------------------------------------------------------------

  @doc "What Prometheus scrapes."
  @spec text([metric]) :: iodata
  def text(metrics) do
    for metric <- metrics, metric.samples != [] do
      [
        [
          "# HELP ",
          metric.name,
          " ",
          metric.help,
          ".\n# TYPE ",
          metric.name,
          " ",
          to_string(metric.type),
          "\n"
        ]
        | for(
            sample <- metric.samples,
            do: [metric.name, labels(sample.labels), " ", number(sample.value), "\n"]
          )
      ]
    end
  end

  defp labels(labels) when labels == %{}, do: ""

  defp labels(labels) do
    shown =
      for {key, value} <- Enum.sort(labels), do: [to_string(key), "=\"", escaped(value), "\""]

    ["{", Enum.intersperse(shown, ","), "}"]
  end

  defp escaped(text) do
    text
    |> String.replace("\\", "\\\\")
    |> String.replace("\"", "\\\"")
    |> String.replace("\n", "\\n")
  end

  defp number(number) when is_integer(number), do: Integer.to_string(number)
  defp number(number), do: :erlang.float_to_binary(number, [:short])

  @doc "The same as JSON."
  @spec json([metric]) :: iodata
  def json(metrics), do: Json.encode(metrics)
end

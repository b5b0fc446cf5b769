defmodule Rebeam.Observe.Summary do
  @moduledoc false
  # The program in numbers.

  alias Rebeam.Log.Crashes
  alias Rebeam.Observe.{Actors, Program}
  alias Rebeam.Python.Runtime
  alias Rebeam.Units

  @doc """
  Times are in seconds, `memory` is of all OS processes of the program that say so, in bytes; `beam` of
  their VMs. `messages` were handled by the actors that live; `counts` is `Rebeam.info/0`.
  """
  @spec of_program :: map
  def of_program do
    classes = Actors.classes()
    nodes = for {node, told} <- Program.ask(__MODULE__, :here, []), do: Map.put(told, :node, node)

    %{
      version: version(),
      node: node(),
      otp: List.to_string(:erlang.system_info(:otp_release)),
      elixir: System.version(),
      python: Runtime.executable(),
      uptime: uptime(),
      os_pid: String.to_integer(System.pid()),
      cores: System.schedulers_online(),
      actors: sum(classes, :count),
      running: sum(classes, :running),
      waiting: sum(classes, :waiting),
      queue: sum(classes, :queue),
      messages: sum(classes, :messages),
      rate: sum(classes, :rate),
      load: sum(classes, :load),
      memory: sum(nodes, :memory),
      beam: sum(nodes, :beam),
      crashes: Crashes.count(),
      nodes: nodes,
      counts: Units.info()
    }
  end

  defp sum(maps, key), do: maps |> Enum.map(& &1[key]) |> Enum.sum()

  defp version, do: :rebeam |> Application.spec(:vsn) |> to_string()

  defp uptime, do: elem(:erlang.statistics(:wall_clock), 0) / 1000

  @doc false
  def here do
    %{
      os_pid: String.to_integer(System.pid()),
      memory: resident(),
      beam: :erlang.memory(:total),
      processes: :erlang.system_info(:process_count),
      run_queue: :erlang.statistics(:total_run_queue_lengths)
    }
  end

  # Of this OS process; what /proc does not say counts as nothing.
  defp resident do
    with {:ok, text} <- File.read("/proc/self/statm"),
         [_, pages | _] <- String.split(text) do
      String.to_integer(pages) * 4096
    else
      _ -> 0
    end
  end
end

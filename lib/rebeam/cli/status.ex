defmodule Rebeam.CLI.Status do
  @moduledoc false
  # `rebeam status [NODE | PID]`: a program in a few lines.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Reach}
  alias Rebeam.Python.Runtime
  alias Rebeam.Units
  alias Rebeam.Units.{Address, Memory, Pool}

  @impl true
  def run(arguments) do
    with {:ok, target, []} <- Reach.take(arguments),
         {:ok, reached} <- Reach.open(target),
         {:ok, rows} <- Reach.call(reached, __MODULE__, :rows, []) do
      for {name, text} <- rows,
          do: IO.puts(Complaint.printable("#{String.pad_trailing(name, 9)} #{text}"))

      0
    else
      {:ok, _, _} -> Complaint.say("status takes a NODE or the id of a process") && 2
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  # ---- in the program ----------------------------------------------------------------------

  @doc "Who this program is."
  @spec rows :: [{String.t(), String.t()}]
  def rows do
    counts = Units.info()

    [
      {"program", Enum.join(Application.get_env(:rebeam, :program, ["-"]), " ")},
      {"process", "#{System.pid()}, up #{uptime()}, #{div(Memory.resident(), 1024 * 1024)} MB"},
      {"runtime", versions()},
      {"actors", "#{counts.actors}, #{counts.suspended} suspended, #{counts.blocked} blocked"},
      {"units", units(counts.units)},
      {"node", own_node()},
      {"nodes", listed(Node.list())}
    ] ++ Enum.map(Pool.machines(), &{"machine", machine(&1)})
  end

  defp uptime do
    {milliseconds, _} = :erlang.statistics(:wall_clock)
    seconds = div(milliseconds, 1000)
    {days, {hours, minutes, seconds}} = :calendar.seconds_to_daystime(seconds)

    cond do
      days > 0 -> "#{days} d #{hours} h"
      hours > 0 -> "#{hours} h #{minutes} min"
      minutes > 0 -> "#{minutes} min #{seconds} s"
      true -> "#{seconds} s"
    end
  end

  defp versions do
    otp = :erlang.system_info(:otp_release)
    own = "Re:BEAM #{Application.spec(:rebeam, :vsn)}, OTP #{otp}, Elixir #{System.version()}"
    if Runtime.started?(), do: own <> ", Python #{Runtime.version()}", else: own
  end

  defp units([]), do: "none"

  defp units(units) do
    units
    |> Enum.frequencies_by(& &1.isolation)
    |> Enum.map_join(", ", fn {isolation, count} -> "#{count} #{isolation}" end)
  end

  defp machine(machine) do
    labels = if machine.labels == [], do: "", else: ", " <> Enum.join(machine.labels, ", ")
    leaves = if machine.leaving? != false, do: ", leaves", else: ""
    "#{machine.node}, #{machine.workers} workers#{labels}#{leaves}"
  end

  defp own_node do
    if Node.alive?() and not Address.unnamed?(),
      do: "#{node()}",
      else: "#{node()}, which no other node finds"
  end

  defp listed([]), do: "none"
  defp listed(nodes), do: nodes |> Enum.sort() |> Enum.join(", ")
end

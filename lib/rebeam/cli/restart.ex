defmodule Rebeam.CLI.Restart do
  @moduledoc false
  # Restarts main.py as the options ask: in a fresh VM that takes this one's place,
  # so that nothing of the old run stays. The times of earlier restarts travel in
  # the environment.

  alias Rebeam.{Loader, VM}
  alias Rebeam.CLI.{Cookie, Handover, Options}
  alias VM.Environment

  @variable "REBEAM_RESTARTS"
  # Ended by a signal, the program is to end.
  @by_signal [129, 130, 143]

  @doc "Whether a program that ended with `status` shall run again; remembers that it does."
  @spec again?(Options.t(), 0..255) :: boolean
  def again?(%{restart: :never}, _status), do: false
  def again?(_options, status) when status in @by_signal, do: false
  def again?(%{restart: :on_failure}, 0), do: false

  def again?(options, status) do
    now = System.os_time(:second)
    recent = Enum.filter(times(), &(&1 > now - options.max_seconds))

    if length(recent) < options.max_restarts do
      Loader.set_env(@variable, Enum.join([now | recent], ","))
      IO.puts(:stderr, "rebeam: ended with status #{status}, restarting")
      true
    else
      IO.puts(:stderr, "rebeam: ended with status #{status}, #{limit(options)}")
      false
    end
  end

  @doc "Does it. Returns only if that failed."
  @spec exec(Options.t()) :: {:error, String.t()}
  def exec(options) do
    # Its name has to be free for the next one.
    if Node.alive?(), do: :net_kernel.stop()
    Environment.prepare_start()

    Handover.replace(%{
      arguments: VM.arguments(),
      applications: Application.get_env(:rebeam, :applications, [:rebeam]),
      config: Handover.Config.rewrite(),
      node: Cookie.node(options),
      tls: options.tls
    })
  end

  defp limit(options) do
    "not restarted: more than #{options.max_restarts} times in #{options.max_seconds} s"
  end

  defp times do
    for text <- String.split(System.get_env(@variable, ""), ","),
        {time, ""} <- [Integer.parse(text)],
        do: time
  end
end

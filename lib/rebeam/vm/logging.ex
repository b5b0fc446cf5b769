defmodule Rebeam.VM.Logging do
  @moduledoc false
  # Standard output is the script's: log entries go to standard error, unless the
  # project's configuration sends them elsewhere. Called before Logger starts;
  # Rebeam.VM.flags/0 does the same for what OTP logs before that.

  @doc "Sets up Logger to log from `level` on, if one is given."
  @spec setup(atom) :: :ok
  def setup(level) do
    # Loading it later would forget what is set here.
    Application.load(:logger)
    if level, do: set_level(level)
    to_standard_error()
  end

  # Errors have to reach Rebeam.Log.Filter, which hides what is below the level.
  defp set_level(level) do
    Rebeam.Log.Filter.set_level(level)
    least = if :logger.compare_levels(level, :error) == :gt, do: :error, else: level
    Application.put_env(:logger, :level, least)
  end

  @doc "From now on an application that stops is no news."
  @spec hide_stops :: :ok | {:error, term}
  def hide_stops, do: :logger.add_primary_filter(:rebeam_stops, {&__MODULE__.filter_stop/2, nil})

  @doc false
  def filter_stop(%{msg: {:report, %{label: {:application_controller, :exit}}}}, _), do: :stop
  def filter_stop(event, _), do: event

  # Since Elixir 1.15 Logger configures OTP's handler; it had a back end before.
  if Version.match?(System.version(), ">= 1.15.0-dev") do
    # `false` means that the project wants no such handler.
    defp to_standard_error do
      with handler when is_list(handler) <- Application.get_env(:logger, :default_handler, []) do
        config = Enum.into(handler[:config] || [], %{type: :standard_error})
        Application.put_env(:logger, :default_handler, Keyword.put(handler, :config, config))
      end

      :ok
    end
  else
    defp to_standard_error do
      console = Application.get_env(:logger, :console, [])
      Application.put_env(:logger, :console, Keyword.put_new(console, :device, :standard_error))
    end
  end
end

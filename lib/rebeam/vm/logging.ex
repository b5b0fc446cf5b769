defmodule Rebeam.VM.Logging do
  @moduledoc false
  # Standard output is the script's: log entries go to standard error, unless the
  # project's configuration sends them elsewhere. Called before Logger starts;
  # Rebeam.VM.flags/0 does the same for what OTP logs before that.

  @handler :rebeam
  # OTP's handler drops what comes faster than it likes; a program's log is no less than python's.
  # Who logs waits instead (its sync mode).
  @many 1_000_000_000
  @lossless %{burst_limit_enable: false, drop_mode_qlen: @many, flush_qlen: @many}

  @doc """
  Sets up Logger to log from `level` on, if one is given; in `format`, unless the project's
  configuration says how its log looks.
  """
  @spec setup(atom, :text | :json) :: :ok
  def setup(level, format \\ :text) do
    # Loading it later would forget what is set here.
    Application.load(:logger)
    Application.put_env(:rebeam, :log_format, format)
    if level, do: set_level(level)
    configure(format)
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

  # Since Elixir 1.15 Logger configures OTP's handler; it had back ends before, of which one is for
  # what people see. What the project says about it counts.
  if Version.match?(System.version(), ">= 1.15.0-dev") do
    defp configure(format) do
      handler = Application.get_env(:logger, :default_handler, [])

      cond do
        # The project wants no such handler.
        handler == false -> :ok
        handler == [] and said(:default_formatter) == [] -> put_handler(ours(format))
        true -> put_handler(to_standard_error(handler))
      end
    end

    defp put_handler(handler), do: Application.put_env(:logger, :default_handler, handler)

    defp to_standard_error(handler) do
      config = Enum.into(handler[:config] || [], %{type: :standard_error})
      Keyword.put(handler, :config, config)
    end
  else
    defp configure(format) do
      console = said(:console)

      if console == [] and said(:backends) in [[], [:console]] do
        # Without back ends Logger has no handler, and attach/0 adds one.
        Application.put_env(:logger, :backends, [])
        Application.put_env(:rebeam, :log_handler, Map.new(ours(format)))
      else
        console = Keyword.put_new(console, :device, :standard_error)
        Application.put_env(:logger, :console, console)
      end
    end
  end

  defp said(key), do: Application.get_env(:logger, key, [])

  defp ours(format) do
    terminal = terminal?()
    colours = format == :text and terminal and System.get_env("NO_COLOR") == nil
    config = %{format: format, colours: colours, terminal: terminal}
    formatter = {Rebeam.Log.Formatter, config}
    [config: Map.put(@lossless, :type, :standard_error), formatter: formatter]
  end

  # Whether standard error is one. NO_COLOR: no-color.org.
  defp terminal? do
    with {:ok, target} <- File.read_link("/proc/self/fd/2"),
         do:
           String.starts_with?(target, ["/dev/pts/", "/dev/tty"]) and
             System.get_env("TERM") != "dumb",
         else: (_ -> false)
  end

  @doc "Once Logger runs: the handler that `setup/2` wants, where Logger adds none itself."
  @spec attach :: :ok
  def attach do
    with config when config != nil <- Application.get_env(:rebeam, :log_handler) do
      :logger.remove_handler(@handler)
      :ok = :logger.add_handler(@handler, :logger_std_h, config)
    end

    :ok
  end

  @doc "Whether errors that are logged are to be read there."
  @spec on_standard_error? :: boolean
  def on_standard_error? do
    Enum.any?(:logger.get_handler_config(), fn handler ->
      match?(%{config: %{type: :standard_error}}, handler) and
        :logger.compare_levels(:error, Map.get(handler, :level, :all)) != :lt
    end)
  end

  @doc "Waits until what the handler has is written."
  @spec flush :: term
  def flush do
    if @handler in :logger.get_handler_ids(), do: :logger_std_h.filesync(@handler)
  end
end

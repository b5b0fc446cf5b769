defmodule Rebeam.Log.Formatter do
  @moduledoc false
  # How a program's log looks: text for people, coloured on a terminal, or JSON for machines, an
  # object a line. A formatter of OTP's `:logger`.

  #
  # A program that shows progress bars has one in the last line of the terminal, as a rule: an entry takes
  # its place there, and it is drawn again below. Where there is no terminal the entry begins a line.

  alias Rebeam.Log.{Crash, JSON, Translation}
  alias Rebeam.Native

  @type config :: %{format: :text | :json, colours: boolean, terminal: boolean}

  @erase "\r\e[K"

  @colours %{
    debug: "\e[36m",
    info: "",
    notice: "\e[32m",
    warning: "\e[33m",
    error: "\e[31m",
    critical: "\e[31m",
    alert: "\e[31m",
    emergency: "\e[31m"
  }

  @doc "What OTP calls before it takes the formatter."
  @spec check_config(config) :: :ok
  def check_config(_config), do: :ok

  @doc "The line, or lines, of one event; nothing for a report that says nothing new."
  @spec format(:logger.log_event(), config) :: iodata
  def format(event, config) do
    case Translation.text(event) do
      :skip -> []
      text -> [own_line(config) | format(config.format, event, text, config)]
    end
  end

  defp own_line(config) do
    cond do
      not Native.output_progress() -> []
      config.terminal -> @erase
      config.format == :text -> ?\n
      true -> []
    end
  end

  defp format(:text, %{level: level, meta: meta}, text, config) do
    {before, behind} = if config.colours, do: {@colours[level], "\e[0m"}, else: {"", ""}
    source = if meta[:logger], do: [meta.logger, ": "], else: []
    [before, clock(meta.time), " [", Atom.to_string(level), "] ", source, text, behind, ?\n]
  end

  defp format(:json, %{level: level, meta: meta} = event, text, _config) do
    {text, more} = about(event.msg, text)

    fields = [
      time: :calendar.system_time_to_rfc3339(meta.time, unit: :microsecond, offset: ~c"Z"),
      level: level,
      message: text,
      logger: meta[:logger],
      actor: meta[:actor],
      name: meta[:name],
      subject: meta[:subject],
      pid: inspect(meta[:pid]),
      node: node(),
      file: meta[:python_file],
      line: meta[:python_line]
    ]

    [JSON.object(for({key, value} <- fields ++ more, value != nil, do: {key, value})), ?\n]
  end

  # Machines get the parts of a crash as fields of their own.
  defp about({:report, %Crash{} = crash}, _text), do: {Crash.head(crash), Crash.fields(crash)}
  defp about(_message, text), do: {text, []}

  # The local time of day, to the millisecond.
  defp clock(microseconds) do
    {{_, _, _}, {hour, minute, second}} =
      :calendar.system_time_to_local_time(microseconds, :microsecond)

    milliseconds = microseconds |> Integer.mod(1_000_000) |> div(1_000)
    :io_lib.format("~2..0b:~2..0b:~2..0b.~3..0b", [hour, minute, second, milliseconds])
  end
end

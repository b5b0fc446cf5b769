defmodule Rebeam.CLI.Config do
  @moduledoc false
  # `rebeam config [options] [main.py]`: what would hold for that program, and where each of it was
  # said.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{CommandLine, Complaint, Options, Settings}
  alias Rebeam.Python.Choice

  @impl true
  def run(arguments) do
    with {:run, options} <- CommandLine.parse(arguments),
         {:ok, options} <- Settings.fill(options),
         :ok <- Options.check(options) do
      IO.write(for row <- rows(options), do: row |> line() |> Complaint.printable())
      0
    else
      {:error, text} -> failed(text)
      _ -> failed("config takes options and a script, as a run does")
    end
  end

  defp failed(text) do
    Complaint.say(text)
    2
  end

  defp rows(options),
    do: [python(options) | Enum.map(Options.keys() -- [:python], &row(&1, options))]

  defp row(key, options) do
    {Options.setting(key), key |> value(Map.get(options, key)), origin(key, options)}
  end

  defp value(_key, nil), do: "-"
  defp value(_key, []), do: "-"
  # A secret is not shown.
  defp value(:cookie, _), do: "***"
  defp value(_key, values) when is_list(values), do: Enum.join(values, " ")
  defp value(_key, value), do: Options.shown(value)

  defp origin(key, options), do: Map.get(options.origins, key, "default")

  defp python(options) do
    case options |> Options.python() |> Choice.choose() do
      {:ok, executable, origin} -> {"python", executable, origin}
      {:error, text} -> {"python", "-", text}
    end
  end

  defp line({name, value, origin}),
    do: "#{String.pad_trailing(name, 13)} #{String.pad_trailing(value, 24)} #{origin}\n"
end

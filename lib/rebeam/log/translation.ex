defmodule Rebeam.Log.Translation do
  @moduledoc false
  # The text of a log event. Reports of OTP are put in Elixir's words, which Logger itself does for
  # every handler from 1.15 on, and did for its own before.

  alias Rebeam.Log.{Crash, Filter}

  @doc "Chardata; `:skip` for a report that says nothing that is not said elsewhere."
  @spec text(:logger.log_event()) :: IO.chardata() | :skip
  def text(%{msg: {:string, text}}), do: text
  def text(%{msg: {:report, %Crash{} = crash}}), do: Crash.text(crash)

  # OTP's news of what starts and ends is for those who look for faults in it.
  def text(%{msg: {:report, report}} = event) do
    if match?([:otp, :sasl | _], event.meta[:domain]) and Filter.level() != :debug,
      do: :skip,
      else: report(report, event)
  end

  def text(%{msg: {format, arguments}}), do: :io_lib.format(format, arguments)

  defp report(%{label: label} = report, event) do
    translated(event, :report, {label, inner(report)}) || plain(report, event)
  end

  defp report(report, event), do: plain(report, event)

  defp translated(event, kind, data) do
    case Logger.Translator.translate(:debug, event.level, kind, data) do
      {:ok, text, _metadata} -> text
      {:ok, text} -> text
      :skip -> :skip
      :none -> nil
    end
  end

  defp inner(%{report: report}), do: report
  defp inner(report), do: report

  defp plain(report, %{meta: %{report_cb: show}} = event) when is_function(show, 1) do
    {format, arguments} = show.(report)
    translated(event, :format, {format, arguments}) || :io_lib.format(format, arguments)
  end

  defp plain(report, %{meta: %{report_cb: show}}) when is_function(show, 2),
    do: show.(report, %{depth: :unlimited, chars_limit: :unlimited, single_line: false})

  defp plain(report, _event), do: inspect(report)
end

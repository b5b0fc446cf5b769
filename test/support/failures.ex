defmodule Rebeam.Failures do
  @moduledoc """
  A formatter that names what failed once more at the very end, after all that was printed: of a
  long run often only the last lines are at hand.
  """
  use GenServer

  @impl true
  def init(_options), do: {:ok, []}

  @impl true
  def handle_cast({:test_finished, %{state: {state, _}} = test}, lines)
      when state in [:failed, :invalid],
      do: {:noreply, [line(test) | lines]}

  def handle_cast({:suite_finished, _times}, lines) do
    System.at_exit(fn _status -> lines |> Enum.reverse() |> Enum.each(&IO.puts/1) end)
    {:noreply, lines}
  end

  def handle_cast(_event, lines), do: {:noreply, lines}

  defp line(%{tags: %{file: file, line: line}} = test),
    do: "failed: #{Path.relative_to_cwd(file)}:#{line} #{test.name}#{why(test.state)}"

  defp why({:failed, [{kind, reason, _stack} | _]}) do
    words = kind |> Exception.format_banner(reason) |> String.split() |> Enum.join(" ")
    ": " <> String.slice(words, 0, 300)
  end

  defp why({:invalid, _module}), do: ": what its module sets up failed"
end

defmodule Rebeam.CLI.Top do
  @moduledoc false
  # `rebeam top [NODE | PID] [--interval S]`: what a program's actors do, on the whole screen, until q is
  # typed. Where there is no terminal, once.
  #
  # The program is asked for the rows that the screen shows and no more; all that is drawn is made here.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Looking, Reach}
  alias Rebeam.CLI.Top.{Screen, State}
  alias Rebeam.Loader
  alias Rebeam.Observe.Show

  # How long the program gets to answer, in milliseconds.
  @patience 15_000
  # Rows and columns where there is no terminal.
  @plain {200, 45}

  @impl true
  def run(arguments) do
    with {:ok, target, [], options} <- Looking.take(arguments, %{interval: 3}),
         {:opened, {:ok, reached}} <- {:opened, Reach.open(target)} do
      show(reached, %State{interval: options.interval})
    else
      {:ok, _, _, _} -> Complaint.say("top takes a NODE or the id of a process") && 2
      {:error, text} -> Complaint.say(text) && 2
      {:opened, {:error, text}} -> Complaint.say(text) && 1
    end
  end

  defp show(reached, state) do
    with {_, _} <- Loader.terminal_size(),
         :ok <- Loader.terminal_take() do
      result = look(reached, state)
      Loader.terminal_give_back()
      ended(result)
    else
      {:error, _no_terminal} -> once(reached, state)
    end
  end

  defp ended(:quit), do: 0
  defp ended({:error, text}), do: Complaint.say(text) && 1

  defp once(reached, state) do
    case ask(reached, state, @plain) do
      {:ok, data} ->
        {lines, _} = Screen.draw(data, %{state | selected: nil}, @plain)

        IO.puts(
          lines
          |> Enum.intersperse(?\n)
          |> IO.iodata_to_binary()
          |> String.replace(~r/\e\[[0-9]*m/, "")
          |> String.replace(~r/ +$/m, "")
        )

        0

      {:error, text} ->
        Complaint.say(text) && 1
    end
  end

  # ---- on the screen -------------------------------------------------------------------------

  defp look(reached, state) do
    size = size()

    with {:ok, data} <- ask(reached, state, size),
         do: draw(reached, data, state, size, now() + 1000 * state.interval)
  end

  defp draw(reached, data, state, size, next) do
    {lines, state} = Screen.draw(data, state, size)
    IO.write(["\e[H", Enum.map_intersperse(lines, "\e[K\r\n", & &1), "\e[K\e[J"])
    wait(reached, data, state, size, next)
  end

  # Keys are answered at once: by what is known already, unless they want something else.
  defp wait(reached, data, state, size, next) do
    case Loader.terminal_read(min(max(next - now(), 0), 250)) do
      {:error, text} ->
        {:error, text}

      "" ->
        if now() >= next or size() != size,
          do: look(reached, state),
          else: wait(reached, data, state, size, next)

      bytes ->
        bytes |> State.keys() |> press(state) |> pressed(reached, data, state, size, next)
    end
  end

  defp press(keys, state) do
    Enum.reduce_while(keys, state, fn key, state ->
      case State.press(state, key) do
        :quit -> {:halt, :quit}
        state -> {:cont, state}
      end
    end)
  end

  defp pressed(:quit, _reached, _data, _before, _size, _next), do: :quit

  defp pressed(state, reached, data, before, size, next) do
    if wants(state) == wants(before),
      do: draw(reached, data, state, size, next),
      else: look(reached, state)
  end

  defp wants(state), do: {state.view, state.order, state.search, state.follow, state.idle?}

  # The idle ones that are not shown make room for others.
  defp ask(reached, state, {_, lines}) do
    what = if state.follow, do: {:follow, elem(state.follow, 0)}, else: state.view
    limit = if state.idle?, do: Screen.room(lines), else: 10 * Screen.room(lines)

    with {:ok, data} <-
           Reach.call(reached, Show, :top, [what, state.order, limit, state.search], @patience),
         do: {:ok, Map.put(data, :title, title(reached))}
  end

  # One that does not say how large it is.
  defp size do
    with {0, _} <- Loader.terminal_size(), do: {80, 24}
  end

  defp title(%{info: nil, node: node}), do: "#{node}"
  defp title(%{info: info}), do: "#{Path.basename(info.script)} (#{info.pid})"

  defp now, do: System.monotonic_time(:millisecond)
end

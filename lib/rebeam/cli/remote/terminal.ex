defmodule Rebeam.CLI.Remote.Terminal do
  @moduledoc false
  # Between the prompt that somebody types at (python/rebeam/_program/terminal.py) and their session in
  # a program elsewhere: prints what comes, and answers the prompt's questions.
  #
  # The prompt may stop to wait for what it has asked for, and ask for the result of that again: so a
  # statement has a number, and the last result is kept.
  use Rebeam.Server

  alias Rebeam.CLI.Reach
  alias Rebeam.CLI.Remote.Session
  alias Rebeam.Python.Ending
  alias Rebeam.Server

  # `number` is the statement's, `result` nil while it runs; who waits for it, and for completions.
  defstruct [
    :session,
    :title,
    :waiting,
    :completing,
    number: 0,
    result: {"ok", nil},
    gone?: false
  ]

  @doc "Opens a session in a program that was reached."
  @spec start(Reach.reached(), String.t()) :: :ok | {:error, String.t()}
  def start(reached, title) do
    with {:error, {:shutdown, text}} <-
           GenServer.start(__MODULE__, {reached, title}, name: __MODULE__),
         do: {:error, text},
         else: ({:ok, _} -> :ok)
  end

  @impl true
  def init({reached, title}) do
    case Reach.call(reached, Session, :open, [self()]) do
      {:ok, {:ok, session}} ->
        Process.monitor(session)
        {:ok, %__MODULE__{session: session, title: title}}

      {_, {:error, text}} ->
        {:stop, {:shutdown, text}}

      {:error, text} ->
        {:stop, {:shutdown, text}}
    end
  end

  @impl true
  def handle_receive("title", _, _source, _from, state), do: {:ok, state.title, state}

  def handle_receive("run", _, _source, _from, %{gone?: true} = state),
    do: {:ok, {"gone", nil}, state}

  def handle_receive("run", _, _source, _from, %{result: nil} = state),
    do: {:ok, {"lost", "the last statement still runs"}, state}

  def handle_receive("run", {number, source}, _source, from, state) do
    send(state.session, {:run, "typed", source})
    {:noreply, %{state | number: number, result: nil, waiting: from}}
  end

  def handle_receive("result", number, _source, from, %{number: number, result: nil} = state),
    do: {:noreply, %{state | waiting: from}}

  def handle_receive("result", _number, _source, _from, state), do: {:ok, state.result, state}

  def handle_receive("interrupt", _, _source, _from, state) do
    send(state.session, :interrupt)
    {:ok, nil, state}
  end

  def handle_receive("complete", text, _source, from, %{result: result, gone?: false} = state)
      when result != nil do
    send(state.session, {:complete, text})
    {:noreply, %{state | completing: from}}
  end

  def handle_receive("complete", _text, _source, _from, state), do: {:ok, [], state}

  @impl true
  def handle_info({session, {:write, device, text}}, %{session: session} = state) do
    IO.write(device, text)
    # Before the next prompt, which is written past Erlang.
    Ending.flush_ports()
    send(session, :written)
    {:noreply, state}
  end

  def handle_info({session, {:ran, result}}, %{session: session} = state),
    do: {:noreply, done(state, told(result))}

  def handle_info({session, {:completions, names}}, %{session: session} = state),
    do: {:noreply, completed(state, names)}

  def handle_info({:DOWN, _, :process, session, _}, %{session: session} = state),
    do: {:noreply, %{(state |> done({"gone", nil}) |> completed([])) | gone?: true}}

  def handle_info(_late, state), do: {:noreply, state}

  defp told({word, value}), do: {Atom.to_string(word), value}
  defp told(word), do: {Atom.to_string(word), nil}

  defp done(state, result) do
    if state.waiting, do: Server.reply(state.waiting, {:ok, result})
    %{state | waiting: nil, result: result}
  end

  defp completed(state, names) do
    if state.completing, do: Server.reply(state.completing, {:ok, names})
    %{state | completing: nil}
  end
end

defmodule Rebeam.Units.Interpreter do
  @moduledoc false
  # One interpreter unit (c_src/unit.h): a sub-interpreter with a GIL of its own, in which
  # `{maker, packed}` makes actors as `Rebeam.Runtime.maker/0` does in the main one.
  #
  #   starting --ready--> up
  #       \--failed--> refused: it stays, and tells why
  #
  # CPython cannot end an interpreter that threads may be in. So it stays when this process
  # ends, and whoever takes its place under the same index goes on with it.
  use GenServer

  alias Rebeam.Native

  # CPython makes interpreters one after the other; a busy machine takes long.
  @limit 60_000

  @doc """
  Starts the unit of that number. It does not wait for the interpreter: several start at once.
  `packed` is given to `rebeam._units.begin` there, unless it is empty.
  """
  @spec start_link(non_neg_integer, binary) :: GenServer.on_start()
  def start_link(index, packed \\ ""), do: GenServer.start_link(__MODULE__, {index, packed})

  @doc "Waits until the interpreter is up. The maker is a handle that makes actors there."
  @spec await(pid) :: {:ok, reference} | {:error, String.t()}
  def await(unit) do
    GenServer.call(unit, :await, @limit)
  catch
    :exit, {:timeout, _} -> {:error, "the interpreter did not start in #{@limit} milliseconds"}
    :exit, {reason, _} -> {:error, "the interpreter's process ended: #{inspect(reason)}"}
  end

  @doc "What lives in the interpreter, as `Rebeam.info/0` counts it; nil before it is up."
  @spec info(pid) :: %{atom => non_neg_integer} | nil
  def info(unit) do
    case GenServer.call(unit, :result) do
      {:ok, maker} -> Native.interpreter_counts(maker)
      _ -> nil
    end
  end

  @impl true
  def init({index, packed}) do
    state = %{index: index, waiting: [], result: nil}

    case :persistent_term.get({__MODULE__, index}, nil) do
      nil -> {:ok, %{state | result: begin(packed)}}
      maker -> {:ok, %{state | result: {:ok, maker}}}
    end
  end

  defp begin(packed), do: with(:ok <- Native.interpreter_start(packed), do: nil)

  @impl true
  def handle_call(:await, from, %{result: nil} = state),
    do: {:noreply, %{state | waiting: [from | state.waiting]}}

  def handle_call(:await, _from, state), do: {:reply, state.result, state}
  def handle_call(:result, _from, state), do: {:reply, state.result, state}
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_info({:"$rebeam", :ready, maker}, state) do
    :persistent_term.put({__MODULE__, state.index}, maker)
    {:noreply, answer(state, {:ok, maker})}
  end

  def handle_info({:"$rebeam", :failed, text}, state),
    do: {:noreply, answer(state, {:error, text})}

  def handle_info(_message, state), do: {:noreply, state}

  defp answer(state, result) do
    Enum.each(state.waiting, &GenServer.reply(&1, result))
    %{state | waiting: [], result: result}
  end
end

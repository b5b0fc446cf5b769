defmodule Rebeam.Units.Interpreter do
  @moduledoc false
  # One interpreter unit (c_src/embed/subinterpreter.h): a sub-interpreter with a GIL of its own, in which
  # `{maker, packed}` makes actors as `Rebeam.Python.Runtime.maker/0` does in the main one.
  #
  #   starting --ready--> up
  #       \--failed--> refused: it stays, and tells why
  #
  # CPython cannot end an interpreter that threads may be in. So it stays when this process
  # ends, and whoever takes its place under the same index goes on with it.
  use GenServer

  alias Rebeam.{Actor, Bytes, Native, Nodes, PythonError}
  alias Rebeam.Units.Programs
  alias Rebeam.Value.Codec

  # CPython makes interpreters one after the other; a busy machine takes long.
  @limit 60_000

  @doc """
  Starts the unit of that number. It does not wait for the interpreter: several start at once.
  The program is what `rebeam._program.units.begin` gets there; `pool` is told what came of it.
  """
  @spec start_link(non_neg_integer, {String.t(), binary} | nil, pid | nil) :: GenServer.on_start()
  def start_link(index, program \\ nil, pool \\ nil),
    do: GenServer.start_link(__MODULE__, {index, program, pool})

  @doc "Waits until the interpreter is up. The maker is a handle that makes actors there."
  @spec await(pid) :: {:ok, reference} | {:error, String.t()}
  def await(unit) do
    GenServer.call(unit, :await, @limit)
  catch
    :exit, {:timeout, _} -> {:error, "the interpreter did not start in #{@limit} milliseconds"}
    :exit, {reason, _} -> {:error, "the interpreter's process ended: #{inspect(reason)}"}
  end

  @doc "Makes sure that what the program defines is there. Waits for it."
  @spec prepare(pid, String.t()) :: :ok | {:error, String.t()}
  def prepare(unit, digest), do: GenServer.call(unit, {:prepare, digest}, :infinity)

  @doc """
  What lives in the interpreter, as `Rebeam.info/0` counts it; nil before it is up. Memory that
  messages share is no interpreter's, but the VM's.
  """
  @spec info(pid) :: %{atom => non_neg_integer} | nil
  def info(unit) do
    case GenServer.call(unit, :result, Nodes.glance()) do
      {:ok, maker} -> maker |> Native.interpreter_counts() |> Map.delete(:shared)
      _ -> nil
    end
  catch
    # It ended, or is at a script's definitions.
    :exit, _ -> nil
  end

  @impl true
  def init({index, program, pool}) do
    state = %{index: index, waiting: [], result: nil, pool: pool, program: program}
    {:ok, state, {:continue, :begin}}
  end

  @impl true
  def handle_continue(:begin, %{index: index, program: program} = state) do
    case :persistent_term.get({__MODULE__, index}, nil) do
      nil -> begin(program, Native.loaded?(), state)
      maker -> answer(%{state | program: nil}, {:ok, maker})
    end
  end

  defp begin(_program, false, state), do: answer(state, {:error, "Python is not started"})

  defp begin(program, true, state) do
    case Native.interpreter_start(packed(program)) do
      :ok -> {:noreply, state}
      {:error, _} = error -> answer(state, error)
    end
  end

  defp packed(nil), do: ""
  defp packed({_digest, packed}), do: packed

  @impl true
  def handle_call(:await, from, %{result: nil} = state),
    do: {:noreply, %{state | waiting: [from | state.waiting]}}

  def handle_call(:await, _from, state), do: {:reply, state.result, state}

  def handle_call({:prepare, digest}, _from, %{program: {digest, _}} = state),
    do: {:reply, :ok, state}

  # Another script's, or one that changed sys.path: taken over by a run of its own.
  def handle_call({:prepare, _digest}, _from, %{result: {:ok, maker}} = state) do
    with {digest, data} = program when program != state.program <- Programs.newest(),
         :ok <- run({maker, Codec.pack!({"begin", %Bytes{data: data}, digest})}) do
      {:reply, :ok, %{state | program: program}}
    else
      {:error, _} = error -> {:reply, error, state}
      _known -> {:reply, :ok, state}
    end
  end

  def handle_call(:result, _from, state), do: {:reply, state.result, state}
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_info({:"$rebeam", :ready, maker}, state) do
    :persistent_term.put({__MODULE__, state.index}, maker)
    answer(state, {:ok, maker})
  end

  def handle_info({:"$rebeam", :failed, text}, state),
    do: answer(state, {:error, text})

  def handle_info(:finish, state), do: {:stop, :normal, state}
  def handle_info(_message, state), do: {:noreply, state}

  defp answer(state, result) do
    Enum.each(state.waiting, &GenServer.reply(&1, result))
    state = %{state | waiting: [], result: result}

    case {result, state.pool} do
      {_, nil} ->
        {:noreply, state}

      {{:ok, maker}, pool} ->
        send(pool, {:unit, self(), :ready, {:interpreter, self(), maker}})
        {:noreply, state}

      {{:error, text}, _pool} ->
        {:stop, {:shutdown, "did not start: " <> text}, state}
    end
  end

  defp run(recipe) do
    {pid, monitor} = :proc_lib.spawn_opt(fn -> Actor.run(recipe, "definitions") end, [:monitor])

    receive do
      {:DOWN, ^monitor, :process, ^pid, :normal} -> :ok
      {:DOWN, ^monitor, :process, ^pid, reason} -> {:error, PythonError.reason_text(reason)}
    end
  end
end

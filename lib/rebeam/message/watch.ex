defmodule Rebeam.Message.Watch do
  @moduledoc false
  # Whoever waits for an answer watches the process that owes it, and the clock.
  #
  #   start --answer comes, or nobody waits any more--> clear
  #     |--DOWN-----> {:down, why}
  #     \--the time is over--> {:timeout, nil}; the work on it is interrupted, if that was asked for
  #
  # Waits of Python's code are watched one by one (`Rebeam.Actor.Wait`), requests that go out
  # together by one deadline (`Rebeam.Message.Requests`), those of Elixir's by `GenServer.call/3`
  # (`Rebeam.call/4`). What comes of a wait has the same form for all, and the same words.

  import Rebeam.Message.Payload, only: [is_payload: 1]

  alias Rebeam.{Nodes, PythonError}
  alias Rebeam.Message.{Debug, Loans, Post, Reasons}
  alias Rebeam.Value.Codec

  # `interrupt`: whom to tell when the time is over, and by which caller; `late`: the call was sent
  # before, so that the process, an actor's or another, may have ended without having been seen; `node`: of who is monitored;
  # `helper`: who waits in this process' place, and gives the answer by itself.
  defstruct [:monitor, :timer, :interrupt, :helper, :node, :late]

  @type t :: %__MODULE__{
          monitor: reference | nil,
          timer: reference | nil,
          interrupt: {pid, GenServer.from()} | nil,
          helper: pid | nil,
          node: node | nil,
          late: :actor | :process | nil
        }
  @type outcome :: {:down, why :: String.t()} | {:timeout, nil}
  @type answer :: {:ok | :error | :timeout | :down, Codec.payload()}

  @doc "Watches over a call of `from` to `pid`, for so many milliseconds."
  @spec start(pid, GenServer.from(), timeout, boolean) :: t
  def start(pid, from, timeout, interrupt?) do
    %__MODULE__{
      monitor: Process.monitor(pid),
      node: node(pid),
      timer: timer(timeout),
      interrupt: if(interrupt?, do: {pid, from})
    }
  end

  @doc "The same for a call that was sent before, to an actor or to another process."
  @spec start_late(pid, GenServer.from(), timeout, boolean, actor? :: boolean) :: t
  def start_late(pid, from, timeout, interrupt?, actor?),
    do: %{start(pid, from, timeout, interrupt?) | late: if(actor?, do: :actor, else: :process)}

  @doc "Watches over who waits in this process' place, for so many milliseconds."
  @spec help({pid, reference}, timeout) :: t
  def help({pid, monitor}, timeout \\ :infinity),
    do: %__MODULE__{helper: pid, monitor: monitor, timer: timer(timeout)}

  @doc "Watches the clock alone."
  @spec sleep(timeout) :: t
  def sleep(milliseconds), do: %__MODULE__{timer: timer(milliseconds)}

  defp timer(:infinity), do: nil
  defp timer(milliseconds), do: :erlang.start_timer(milliseconds, self(), __MODULE__)

  @doc """
  What the message makes of a watch: `:slept` when it is over and nobody owed anything, `:helped`
  when the answer was given.
  """
  @spec over(term, t) :: outcome | :slept | :helped | :unknown
  def over({:DOWN, monitor, _, helper, :normal}, %{monitor: monitor, helper: helper} = watch)
      when is_pid(helper) do
    cancel(watch.timer)
    :helped
  end

  def over({:DOWN, monitor, :process, pid, reason}, %{monitor: monitor} = watch)
      when is_reference(monitor) do
    Debug.over()
    cancel(watch.timer)
    late? = reason == :noproc and watch.late != nil
    down(if late?, do: Reasons.reason(pid, watch.late == :actor), else: reason)
  end

  def over({:timeout, timer, __MODULE__}, %{timer: timer, monitor: nil}), do: :slept

  def over({:timeout, timer, __MODULE__}, %{timer: timer} = watch) do
    Debug.timed_out()
    with {pid, from} <- watch.interrupt, do: Post.interrupt(pid, from)
    unwatch(watch)
    timeout()
  end

  def over(_message, _watch), do: :unknown

  @doc "Watches no more."
  @spec clear(t) :: :ok
  def clear(watch) do
    Debug.over()
    cancel(watch.timer)
    if watch.monitor, do: unwatch(watch)
    :ok
  end

  defp unwatch(%{helper: nil, node: node, monitor: monitor}) do
    if Nodes.busy?(node), do: leave(monitor, node), else: Process.demonitor(monitor, [:flush])
  end

  defp unwatch(watch) do
    Process.demonitor(watch.monitor, [:flush])
    Process.exit(watch.helper, :kill)
  end

  # To take a monitor back may have to wait for a node that takes nothing: then it stays for now, and
  # what comes of it is nobody's. The process has a timer, and the nodes of such monitors.
  @left {__MODULE__, :left}

  # How often it is looked whether they can be taken back, in milliseconds.
  @left_period 1_000

  defp leave(monitor, node) do
    {timer, nodes} = Process.get(@left) || {timer(@left_period), %{}}
    Process.put(@left, {timer, Map.put(nodes, monitor, node)})
  end

  @doc "True of a monitor that the calling process could not take back: it is over now."
  @spec left?(reference) :: boolean
  def left?(monitor) do
    with {timer, %{^monitor => _} = nodes} <- Process.get(@left) do
      Process.put(@left, {timer, Map.delete(nodes, monitor)})
      true
    else
      _ -> false
    end
  end

  @doc "A timer that is no watch's is over: takes back what can be by now, if it was for that."
  @spec take_back(reference) :: :ok
  def take_back(timer) do
    with {^timer, nodes} <- Process.delete(@left) do
      busy = nodes |> Map.values() |> Enum.uniq() |> Enum.filter(&Nodes.busy?/1)
      {stay, go} = Enum.split_with(nodes, fn {_monitor, node} -> node in busy end)
      for {monitor, _node} <- go, do: Process.demonitor(monitor, [:flush])
      for {monitor, node} <- stay, do: leave(monitor, node)
    else
      nil -> :ok
      others -> Process.put(@left, others)
    end

    :ok
  end

  defp cancel(nil), do: :ok
  defp cancel(timer), do: :erlang.cancel_timer(timer, async: true, info: false)

  # ---- several at once ---------------------------------------------------------------------

  @doc "Watches over one of several calls to `pid`: the reference is the tag of its answer, too."
  @spec aliased(pid) :: reference
  def aliased(pid), do: :erlang.monitor(:process, pid, alias: :reply_demonitor)

  # ---- what comes of it --------------------------------------------------------------------

  @spec timeout :: outcome
  def timeout, do: {:timeout, nil}

  @doc "The process ended before it answered, for that reason; `:noproc`: there is none."
  @spec down(term) :: outcome
  def down(reason), do: {:down, PythonError.reason_text(reason)}

  @doc "A reply, with its payload as it was before it was lent. Whoever sent it may be no actor."
  @spec answer(term) :: answer
  def answer({status, payload})
      when status in [:ok, :error, :timeout, :down] and is_payload(payload) do
    case Loans.take(payload) do
      {:ok, payload} -> {status, payload}
      {:error, text} -> {:error, Codec.pack!(text)}
    end
  end

  def answer(other) do
    text = "not an actor's answer: " <> inspect(other, limit: 20, printable_limit: 200)
    {:error, Codec.pack!(text)}
  end

  @doc "Why nobody waits for itself."
  @spec self_call :: String.t()
  def self_call, do: "an actor cannot call itself: it would wait for its own answer"
end

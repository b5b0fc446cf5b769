defmodule Rebeam.CLI.Remote.Session do
  @moduledoc false
  # Python from elsewhere, in a program that runs: what somebody types is run by an actor of its own
  # (python/rebeam/_program/remote.py), so that it may call, wait and be interrupted as any code of an
  # actor. This process stands between that and the client, a process of another node:
  #
  #   client                                         session                    actor
  #     --{:run, how, source}-->                        --"run"-->
  #     <--{session, {:write, stream, text}}--          <--"write"--   what it prints
  #     --:written-->                                   --answer-->
  #     --:interrupt-->                                 --interrupt-->
  #     <--{session, {:ran, result}}--                  <--answer--
  #     --{:complete, text}-->  <--{session, {:completions, list}}--
  #
  # It ends with its client, and the actor with it. An actor that is lost, as its code could not be
  # stopped, is replaced by one with the same names.
  use GenServer, restart: :temporary

  alias Rebeam.{Actor, PythonError}
  alias Rebeam.Message.{Post, Watch}
  alias Rebeam.Python.Runtime
  alias Rebeam.Value.Codec

  # `work` is what the actor was asked for: the tag of its answer, and what that is for.
  defstruct [:client, :actor, :work, :writer]

  @typedoc "Whether what was run went on to its end; it was lost if the actor was, and says why."
  @type result :: :ok | :raised | {:exit, 0..255} | {:lost, String.t()}

  @doc "In the program: starts one for a process elsewhere."
  @spec open(pid) :: {:ok, pid} | {:error, String.t()}
  def open(client) do
    with {:error, reason} <-
           DynamicSupervisor.start_child(Rebeam.Processes, {__MODULE__, client}),
         do: {:error, PythonError.reason_text(reason)}
  catch
    :exit, _ -> {:error, "it has no Re:BEAM, or is ending"}
  end

  def start_link(client), do: GenServer.start_link(__MODULE__, client)

  @impl true
  def init(client) do
    Process.flag(:trap_exit, true)
    Process.put(:"$process_label", "remote session")
    Process.monitor(client)
    start_actor(%__MODULE__{client: client})
  end

  defp start_actor(state) do
    with true <- Runtime.started?(),
         recipe = {Runtime.maker(), Codec.pack!({"remote", self()})},
         {:ok, actor} <- Actor.start_link(recipe, kind: :actor, label: "remote session") do
      {:ok, %{state | actor: actor}}
    else
      false -> {:stop, {:shutdown, "no Python runs there"}}
      {:error, reason} -> {:stop, reason}
    end
  end

  # ---- the actor -------------------------------------------------------------------------

  @impl true
  def handle_call({:rebeam, "write", payload}, from, state) do
    {:ok, {stream, text}} = Codec.unpack_message(payload)
    tell(state, {:write, if(stream == "err", do: :stderr, else: :stdio), text})
    {:noreply, %{state | writer: from}}
  end

  @impl true
  def handle_info(:written, %{writer: writer} = state) when writer != nil do
    Post.reply(writer, :ok, Codec.pack!(nil))
    {:noreply, %{state | writer: nil}}
  end

  def handle_info({tag, answer}, %{work: {tag, kind}} = state) when is_reference(tag) do
    {status, payload} = Watch.answer(answer)
    {:ok, value} = Codec.unpack_message(payload)
    tell(state, answer(kind, status, value))
    {:noreply, %{state | work: nil}}
  end

  def handle_info({:EXIT, actor, reason}, %{actor: actor} = state) do
    if state.work, do: tell(state, lost(elem(state.work, 1), reason))

    with {:ok, state} <- start_actor(%{state | work: nil, writer: nil}),
         do: {:noreply, state},
         else: ({:stop, reason} -> {:stop, reason, state})
  end

  # ---- the client ------------------------------------------------------------------------

  def handle_info({:run, how, source}, state), do: work(state, :run, "run", {how, source})
  def handle_info({:complete, text}, state), do: work(state, :complete, "complete", text)

  def handle_info(:interrupt, %{work: {tag, _}} = state) do
    Post.interrupt(state.actor, {self(), tag})
    {:noreply, state}
  end

  def handle_info({:DOWN, _, :process, client, _}, %{client: client} = state),
    do: {:stop, :shutdown, state}

  # Its supervisor's.
  def handle_info({:EXIT, _, reason}, state), do: {:stop, reason, state}
  def handle_info(_late, state), do: {:noreply, state}

  defp work(state, kind, subject, message) do
    tag = make_ref()
    {:ok, payload} = Codec.payload(message)
    Post.call(state.actor, {self(), tag}, subject, payload)
    {:noreply, %{state | work: {tag, kind}}}
  end

  defp answer(:run, :ok, "ok"), do: {:ran, :ok}
  defp answer(:run, :ok, "raised"), do: {:ran, :raised}
  defp answer(:run, :ok, status) when is_integer(status), do: {:ran, {:exit, status}}
  defp answer(:run, _status, text), do: {:ran, {:lost, "#{text}"}}
  defp answer(:complete, :ok, names), do: {:completions, names}
  defp answer(:complete, _status, _text), do: {:completions, []}

  defp lost(:run, reason), do: {:ran, {:lost, PythonError.reason_text(reason)}}
  defp lost(:complete, _reason), do: {:completions, []}

  # One whose node takes nothing holds up this process alone.
  defp tell(state, what), do: send(state.client, {self(), what})
end

defmodule Rebeam.Actor.Loop do
  @moduledoc false
  # The loop of an actor's process: what `:gen_server` is to others, with the same callbacks, but for
  # one thing. Messages of other actors may go past it, straight to the native part's queue
  # (c_src/actor/direct.h), and it says when: not before the start is over, and not while somebody
  # looks at the process or has suspended it with `:sys`.
  #
  #   GenServer: init, @start --enter--> open: messages pass, or come here --stop--> terminate
  #                                        |  ^
  #                         system message |  | system_continue, unless it is traced
  #                                        v  |
  #                                       closed: all come here
  #
  # An actor that has moved goes on as what stands for it ({:become, module}), which ends as the actor
  # does: {:exit, reason, state} reports nothing, as that was reported there.
  #
  # It is a special process as OTP's design principles have it ("sys and proc_lib").

  alias Rebeam.Native

  @enforce_keys [:module, :parent]
  defstruct [:module, :parent, debug: [], hibernates?: false]

  @type t :: %__MODULE__{module: module, parent: pid, debug: [term], hibernates?: boolean}
  @type state :: %{:owner => Rebeam.Actor.Owner.t(), optional(any) => any}

  @doc "A process that is none yet becomes one. Never returns."
  @spec begin(module, state, {:continue, term}) :: no_return
  def begin(module, state, next),
    do: handle(%__MODULE__{module: module, parent: parent()}, next, state)

  # Hibernated, an idle actor takes a third of the memory: messages from the native part
  # come in fragments of a kilobyte, which would stay until the process collects garbage.
  @doc "A GenServer becomes this, hibernated until the next message. Never returns."
  @spec enter(module, state) :: no_return
  def enter(module, state) do
    loop = %__MODULE__{module: module, parent: parent()}
    open(loop, state)
    hibernate(loop, state)
  end

  # A supervisor that has a name stands there with it, and may have died since.
  defp parent do
    with [name | _] when not is_pid(name) <- Process.get(:"$ancestors"),
         {:parent, parent} <- Process.info(self(), :parent) do
      parent
    else
      [pid | _] -> pid
    end
  end

  defp hibernate(loop, state) do
    :proc_lib.hibernate(__MODULE__, :receive_next, [%{loop | hibernates?: true}, state])
  end

  defp open(loop, state), do: Native.actor_open(state.owner.native, loop.debug == [])

  @doc false
  def receive_next(%{parent: parent} = loop, state) do
    receive do
      {:system, from, request} ->
        Native.actor_open(state.owner.native, false)
        :sys.handle_system_msg(request, from, parent, __MODULE__, loop.debug, {loop, state})

      {:EXIT, ^parent, reason} = message ->
        stop(reason, [], message, loop, state)

      message ->
        %{loop | hibernates?: false} |> debug({:in, message}) |> handle(message, state)
    end
  end

  defp handle(loop, message, state) do
    case dispatch(loop.module, message, state) do
      {:noreply, state} -> receive_next(loop, state)
      {:noreply, state, next} -> next(loop, state, next)
      {:exit, reason, _state} -> end_as(reason)
      {:reply, reply, state} -> loop |> reply(message, reply) |> receive_next(state)
      {:stop, reason, state} -> stop(reason, [], message, loop, state)
      {:raised, reason, stack} -> stop(reason, stack, message, loop, state)
    end
  end

  # The message is gone by then: what it brought may be given back (Rebeam.Message.Payload).
  defp next(loop, state, :hibernate), do: hibernate(loop, state)

  defp next(loop, state, {:become, module}), do: receive_next(%{loop | module: module}, state)

  defp next(loop, state, {:continue, _} = message),
    do: handle(loop, message, state)

  defp dispatch(module, {:continue, term}, state),
    do: call(fn -> module.handle_continue(term, state) end)

  defp dispatch(_module, :"$rebeam_arrived", state) do
    Native.actor_arrived(state.owner.native)
    {:noreply, state}
  end

  defp dispatch(module, {:"$gen_call", from, request}, state),
    do: call(fn -> module.handle_call(request, from, state) end)

  defp dispatch(module, {:"$gen_cast", request}, state),
    do: call(fn -> module.handle_cast(request, state) end)

  defp dispatch(module, message, state),
    do: call(fn -> module.handle_info(message, state) end)

  defp call(fun) do
    fun.()
  catch
    :exit, reason -> {:raised, reason, __STACKTRACE__}
    :error, reason -> {:raised, {reason, __STACKTRACE__}, __STACKTRACE__}
    :throw, result -> result
  end

  defp reply(loop, {:"$gen_call", {pid, _} = from, _request}, reply) do
    GenServer.reply(from, reply)
    debug(loop, {:out, reply, pid})
  end

  # ---- the end ---------------------------------------------------------------------------------

  # Nobody logs it.
  @doc "The calling process ends as another one has."
  @spec end_as(term) :: no_return
  def end_as(:normal), do: exit(:normal)

  def end_as(reason) do
    Process.flag(:trap_exit, false)
    Process.exit(self(), reason)
    exit(reason)
  end

  defp stop(reason, stack, message, %{module: module} = loop, state) do
    case call(fn -> module.terminate(reason, state) end) do
      {:raised, reason, stack} -> over(reason, stack, message, loop, state)
      _ -> over(reason, stack, message, loop, state)
    end
  end

  defp over(reason, stack, message, loop, state) do
    unless quiet?(reason), do: report(reason, message, loop, state)
    if stack == [], do: exit(reason), else: :erlang.raise(:exit, reason, stack)
  end

  defp quiet?(reason) when reason in [:normal, :shutdown], do: true
  defp quiet?({:shutdown, _}), do: true
  defp quiet?(_reason), do: false

  # As :gen_server reports it, so that whoever reads such reports reads this.
  defp report(reason, message, loop, state) do
    :logger.error(
      %{
        label: {:gen_server, :terminate},
        name: name(),
        last_message: request(message),
        state: state,
        log: :sys.get_log(loop.debug),
        reason: reason,
        client_info: client(message),
        process_label: Process.get(:"$process_label", :undefined)
      },
      %{
        domain: [:otp],
        report_cb: &:gen_server.format_log/2,
        error_logger: %{tag: :error, report_cb: &:gen_server.format_log/1}
      }
    )
  end

  defp name do
    case Process.info(self(), :registered_name) do
      {:registered_name, name} when is_atom(name) -> name
      _ -> self()
    end
  end

  defp request({:"$gen_call", _from, request}), do: request
  defp request(message), do: message

  defp client({:"$gen_call", {pid, _}, _}) when node(pid) != node(), do: {pid, :remote}

  defp client({:"$gen_call", {pid, _}, _}),
    do: client(pid, Process.info(pid, :current_stacktrace))

  defp client(_message), do: :undefined
  defp client(pid, {:current_stacktrace, stack}), do: {pid, {pid, stack}}
  defp client(pid, nil), do: {pid, :dead}

  # ---- :sys ------------------------------------------------------------------------------------

  defp debug(%{debug: []} = loop, _event), do: loop

  defp debug(loop, event),
    do: %{loop | debug: :sys.handle_debug(loop.debug, &write/3, self(), event)}

  defp write(device, event, name) do
    text =
      case event do
        {:in, message} -> "*DBG* #{inspect(name)} got #{inspect(message)}\n"
        {:out, reply, to} -> "*DBG* #{inspect(name)} sent #{inspect(reply)} to #{inspect(to)}\n"
      end

    IO.write(device, text)
  end

  @doc false
  def system_continue(parent, debug, {loop, state}) do
    loop = %{loop | parent: parent, debug: debug}
    open(loop, state)
    if loop.hibernates?, do: hibernate(loop, state), else: receive_next(loop, state)
  end

  @doc false
  def system_terminate(reason, parent, debug, {loop, state}),
    do: stop(reason, [], nil, %{loop | parent: parent, debug: debug}, state)

  @doc false
  def system_get_state({_loop, state}), do: {:ok, state}

  @doc false
  def system_replace_state(fun, {loop, state}) do
    state = fun.(state)
    {:ok, state, {loop, state}}
  end

  @doc false
  def system_code_change({loop, state}, _module, _old_version, _extra), do: {:ok, {loop, state}}
end

defmodule Rebeam.Units.Logs do
  @moduledoc false
  # What is logged in units that are nodes, in the main node's log: as if it had happened there. And of
  # a main node that has a front, in that one's.
  #
  # In a unit this is Logger's only handler. What its filter (Rebeam.Log.Filter) drops, it drops where
  # it happened, as that knows the process; so OTP's own way to another node, which goes past
  # filters, is closed by a group leader of the unit's own.
  use GenServer

  alias Rebeam.Log.Repeated
  alias Rebeam.{Nodes, Output}

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "In the unit: from now on everything goes to the main node."
  @spec relay :: :ok
  def relay do
    :ok = Repeated.relayed()
    for handler <- :logger.get_handler_ids(), do: :logger.remove_handler(handler)
    :logger.add_handler(:rebeam_main, __MODULE__, %{})
    :persistent_term.put({__MODULE__, :leader}, Process.group_leader())
  end

  @doc "In the unit: the calling process came from the main node, and stays here with its logs."
  @spec stay :: true
  def stay, do: Process.group_leader(self(), :persistent_term.get({__MODULE__, :leader}))

  # A handler's callback (:logger_handler).
  @doc false
  def log(%{meta: meta} = event, _config) do
    event = %{event | meta: %{meta | gl: Output.origin(meta.gl)}}
    send({__MODULE__, Nodes.front() || Nodes.main()}, {:log, event})
  end

  @impl true
  def init(nil), do: {:ok, nil}

  @impl true
  def handle_info({:log, %{level: level, msg: message, meta: meta}}, nil) do
    meta = %{meta | gl: here(meta.gl)}

    case message do
      {:string, text} -> :logger.log(level, text, meta)
      {:report, report} -> :logger.log(level, report, meta)
      {format, arguments} -> :logger.log(level, format, arguments, meta)
    end

    {:noreply, nil}
  end

  def handle_info(_message, nil), do: {:noreply, nil}

  # Of whom it is logged for, as handlers of a notebook or a remote shell want to know.
  defp here(leader) when node(leader) == node(), do: leader
  defp here(_elsewhere), do: Process.group_leader()

  @impl true
  def handle_call(_request, _from, nil), do: {:reply, {:error, :no_call}, nil}

  @impl true
  def handle_cast(_message, nil), do: {:noreply, nil}
end

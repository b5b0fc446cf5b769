defmodule Rebeam.Child.StaticServer do
  @moduledoc false
  # OTP's supervisor, but for messages that are meant for an actor: these would end it, and with it
  # all that it supervises.
  @behaviour GenServer

  alias Rebeam.Child.Misdirected

  @doc "As `:supervisor.start_link/3`; without a name, as `/2`."
  @spec start_link(nil | {:via, module, term}, module, term) :: Supervisor.on_start()
  def start_link(nil, module, argument),
    do: :gen_server.start_link(__MODULE__, {:self, module, argument}, [])

  def start_link(name, module, argument),
    do: :gen_server.start_link(name, __MODULE__, {name, module, argument}, [])

  # OTP tells supervisors by that, and which they are.
  @impl true
  def init({_name, module, _argument} = argument) do
    Process.put(:"$initial_call", {:supervisor, module, 1})
    :supervisor.init(argument)
  end

  @impl true
  def handle_call({:rebeam, subject, _payload}, from, state),
    do: {Misdirected.refuse(subject, from), state}

  def handle_call(request, from, state), do: :supervisor.handle_call(request, from, state)

  @impl true
  def handle_cast({:rebeam, subject, _payload, _sender, _status}, state),
    do: {Misdirected.drop(subject), state}

  def handle_cast(request, state), do: :supervisor.handle_cast(request, state)

  @impl true
  defdelegate handle_info(message, state), to: :supervisor

  @impl true
  defdelegate terminate(reason, state), to: :supervisor

  @impl true
  defdelegate code_change(version, state, extra), to: :supervisor
end

defmodule Rebeam.Message.Payload do
  @moduledoc false
  # Payloads in the hands of a process: packed values that share memory with others.
  #
  # As garbage of a process that is idle from now on, shared memory would stay for ever. So a
  # process collects garbage once it has handed a message with a payload on.

  alias Rebeam.Value.Codec

  # ORIGIN_EXTERNAL_MAX
  @origin_most 1024

  @doc "Also as it comes from another OS process: see `Rebeam.Message.Loans.take/1`."
  defguard is_payload(term)
           when is_binary(term) or (is_list(term) and term != [] and is_binary(hd(term))) or
                  (is_tuple(term) and elem(term, 0) == :lent)

  @doc "With what led to it, as Python's `_origin` tells that."
  @spec with_origin(Codec.payload(), binary) :: Codec.payload()
  def with_origin(payload, ""), do: payload
  def with_origin(payload, origin), do: List.wrap(payload) ++ [origin]

  @doc """
  What a callback of a process returns once a message with a payload was handed on. `message` is
  the payload, or a tuple that has it. The process has a clause of handle_continue for :collect.
  """
  # To hibernate would not do: with a message waiting, no garbage is collected.
  @spec handed_on(term, state) :: {:noreply, state} | {:noreply, state, {:continue, :collect}}
        when state: term
  def handed_on(message, state) do
    if parts?(message) or Process.delete({__MODULE__, :fetched}),
      do: {:noreply, state, {:continue, :collect}},
      else: {:noreply, state}
  end

  @doc "What an operation tells that has brought a payload with parts into the calling process."
  @spec fetched() :: term
  def fetched, do: Process.put({__MODULE__, :fetched}, true)

  @doc "That clause."
  @spec collect(state) :: {:noreply, state} when state: term
  def collect(state) do
    :erlang.garbage_collect()
    {:noreply, state}
  end

  @doc "What a process does instead that is in the middle of something: it remembers."
  @spec passed(term) :: true | nil
  def passed(message) do
    if parts?(message) or Process.delete({__MODULE__, :fetched}),
      do: Process.put({__MODULE__, :passed}, true)
  end

  @doc """
  Whether it has to hibernate now that its work is over, and collects that way. With messages
  waiting it does not, so it is asked again after them.
  """
  @spec passed?() :: boolean
  def passed? do
    passed? = Process.get({__MODULE__, :passed}, false)
    waiting = passed? and Process.info(self(), :message_queue_len)
    if waiting == {:message_queue_len, 0}, do: Process.delete({__MODULE__, :passed})
    passed?
  end

  # What led to a message (c_src/message/origin.h) is in its own memory.
  defp parts?([head, origin]) when is_binary(head) and byte_size(origin) <= @origin_most,
    do: false

  defp parts?([head | _]), do: is_binary(head)
  defp parts?({:lent, _, _, _}), do: true
  defp parts?({_tag, {_status, payload}}), do: parts?(payload)
  defp parts?({:call, _, _, payload, _, _}), do: parts?(payload)
  defp parts?({:cast, _, _, payload, _}), do: parts?(payload)
  defp parts?({:operation, _, payload, _}), do: parts?(payload)
  defp parts?(_message), do: false
end

defmodule Rebeam.Value.Codec do
  @moduledoc false
  # Terms to bytes and back, for all who run beside Python: the native part has to be loaded.
  # `Rebeam.Value`, what Elixir code calls, sees to that first.

  alias Rebeam.Native
  alias Rebeam.Value.Limits

  @typedoc """
  As a message has a value: with large binaries beside it that are not copied. First the binary
  that `pack/1` would make without them, then each as it is; Python's memory comes with a reference.
  """
  @type payload :: binary | [binary | {reference, binary}, ...]

  @spec pack(term) :: {:ok, binary} | {:error, String.t()}
  def pack(term), do: Native.value_pack(term)

  @spec pack!(term) :: binary
  def pack!(term), do: term |> pack() |> value!()

  @spec payload(term) :: {:ok, payload} | {:error, String.t()}
  def payload(term), do: Native.value_payload(term)

  @doc "Of a message: message_max is for these alone, not for what the runtime tells Python."
  @spec payload!(term) :: payload
  def payload!(term) do
    payload = term |> payload() |> value!()
    with {:error, text} <- Limits.check(payload), do: raise(ArgumentError, text)
    payload
  end

  @doc "How the bytes begin of any tuple of three that has this first element."
  @spec beginning(term) :: binary
  def beginning(first) do
    both = [pack!({first, nil, ""}), pack!({first, 0, ""})]
    binary_part(hd(both), 0, :binary.longest_common_prefix(both))
  end

  @spec unpack(payload) :: {:ok, term} | {:error, String.t()}
  def unpack(payload), do: Native.value_unpack(payload)

  @doc "The same of a message: its pids may be of nodes that are new here, as in any other message."
  @spec unpack_message(payload) :: {:ok, term} | {:error, String.t()}
  def unpack_message(payload), do: Native.value_unpack_message(payload)

  defp value!({:ok, value}), do: value
  defp value!({:error, text}), do: raise(ArgumentError, text)
end

defmodule Rebeam.Value.Limits do
  @moduledoc false
  # What may be sent: `config :rebeam, pickle: false, message_max: bytes`, or REBEAM_PICKLE=no and
  # REBEAM_MESSAGE_MAX in the environment, which count before it. Read once, before Python starts.

  alias Rebeam.Native
  alias Rebeam.Value.Codec

  @doc "Tells the codec. The error is a text that says what is wrong with the settings."
  @spec install() :: :ok | {:error, String.t()}
  def install do
    with {:ok, pickle} <- pickle(setting("REBEAM_PICKLE", :pickle, true)),
         {:ok, size} <- size(setting("REBEAM_MESSAGE_MAX", :message_max, :infinity)) do
      :persistent_term.put({__MODULE__, :size}, size)
      :persistent_term.put({__MODULE__, :objects}, pickle)
      Native.value_options(pickle, size)
    end
  end

  @doc "Whether a message may be sent: its parts are in it, as they are where it arrives."
  @spec check(Codec.payload()) :: :ok | {:error, String.t()}
  def check(payload) do
    max = :persistent_term.get({__MODULE__, :size}, :infinity)

    if max == :infinity or bytes(payload) <= max,
      do: :ok,
      else: {:error, "the message is larger than #{max} bytes, the most that may be sent here"}
  end

  @doc "Whether values may be objects, whose classes run code when they are made."
  @spec objects? :: boolean
  def objects?, do: :persistent_term.get({__MODULE__, :objects}, true)

  defp bytes(parts) when is_list(parts), do: parts |> Enum.map(&bytes/1) |> Enum.sum()
  defp bytes({_reference, binary}), do: byte_size(binary)
  defp bytes(binary), do: byte_size(binary)

  defp setting(variable, key, default) do
    case System.get_env(variable, "") do
      "" -> {"config :rebeam, #{key}:", Application.get_env(:rebeam, key, default)}
      text -> {variable, text}
    end
  end

  defp pickle({_, on}) when on in [true, "yes", "1"], do: {:ok, true}
  defp pickle({_, off}) when off in [false, "no", "0"], do: {:ok, false}

  defp pickle({"REBEAM" <> _ = name, other}),
    do: {:error, "#{name} is yes or no, not #{inspect(other)}"}

  defp pickle({name, other}), do: {:error, "#{name} is true or false, not #{inspect(other)}"}

  defp size({_, :infinity}), do: {:ok, :infinity}
  defp size({_, bytes}) when is_integer(bytes) and bytes > 0, do: {:ok, bytes}

  defp size({name, text}) when is_binary(text) do
    case Integer.parse(text) do
      {bytes, ""} when bytes > 0 -> {:ok, bytes}
      _ -> size({name, {:text, text}})
    end
  end

  defp size({name, {:text, text}}), do: {:error, "#{name} is a number of bytes, not #{text}"}
  defp size({name, other}), do: {:error, "#{name} is a number of bytes, not #{inspect(other)}"}
end

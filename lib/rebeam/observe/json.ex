defmodule Rebeam.Observe.Json do
  @moduledoc false
  # What was looked at as JSON (RFC 8259). Keys are in the order of their names; what JSON has no word
  # for is its text.

  alias Rebeam.Log.JSON
  alias Rebeam.Packed
  alias Rebeam.Value.{Codec, Repr}

  @spec encode(term) :: iodata
  def encode(nil), do: "null"
  def encode(true), do: "true"
  def encode(false), do: "false"
  def encode(number) when is_integer(number), do: Integer.to_string(number)
  def encode(number) when is_float(number), do: :erlang.float_to_binary(number, [:short])
  def encode(atom) when is_atom(atom), do: encode(Atom.to_string(atom))
  def encode(text) when is_binary(text), do: JSON.text(text)
  def encode(pid) when is_pid(pid), do: encode(List.to_string(:erlang.pid_to_list(pid)))

  def encode(list) when is_list(list),
    do: [?[, list |> Enum.map(&encode/1) |> Enum.intersperse(?,), ?]]

  def encode(tuple) when is_tuple(tuple), do: tuple |> Tuple.to_list() |> encode()

  def encode(%Packed{payload: payload}) do
    case Codec.unpack_message(payload) do
      {:ok, term} -> term |> Repr.repr() |> encode()
      {:error, text} -> encode(text)
    end
  end

  def encode(%{} = map) do
    pairs =
      for {key, value} <- Enum.sort_by(map, &to_string(elem(&1, 0))),
          do: [encode(to_string(key)), ?:, encode(value)]

    [?{, Enum.intersperse(pairs, ?,), ?}]
  end
end

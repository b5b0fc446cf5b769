defmodule Rebeam.Registry.Key do
  @moduledoc false
  # A key as registries compare it: two are one where Python's `==` says so. There 1, 1.0 and True
  # are one key, and text and bytes are not. What Python alone can tell, it has settled before
  # (python/rebeam/_registry_keys.py); lists come from there, as no key that Python can hash has one.
  #
  # No atom but nil is left, and no map: so that a key may stand in a match specification as it is.

  alias Rebeam.Bytes

  @type t :: nil | number | binary | pid | reference | tuple | list

  @spec normal(term) :: t
  def normal(nil), do: nil
  def normal(true), do: 1
  def normal(false), do: 0
  def normal(key) when is_integer(key) or is_pid(key) or is_reference(key), do: key
  def normal(key) when is_float(key), do: if(trunc(key) == key, do: trunc(key), else: key)
  def normal(key) when is_binary(key), do: if(String.valid?(key), do: key, else: ["bytes", key])
  def normal(key) when is_atom(key), do: ["atom", Atom.to_string(key)]
  def normal(key) when is_list(key), do: Enum.map(key, &normal/1)

  def normal(key) when is_tuple(key),
    do: key |> Tuple.to_list() |> Enum.map(&normal/1) |> List.to_tuple()

  def normal(%Bytes{data: data}), do: ["bytes", data]
  def normal(%MapSet{} = set), do: ["set" | set |> Enum.map(&normal/1) |> Enum.sort()]
  def normal(other), do: ["term", :erlang.term_to_binary(other)]

  @doc """
  What native code knows a key by (c_src/message/names.h); nil of one that it does not look up. It is
  no UTF-8, and so no name. python/rebeam/_addresses.py makes the same.
  """
  @spec token(String.t(), t) :: binary | nil
  def token(registry, key) when is_binary(key), do: token(registry, ?s, key)
  def token(registry, key) when is_integer(key), do: token(registry, ?i, Integer.to_string(key))
  def token(_registry, _key), do: nil

  defp token(registry, kind, text),
    do: <<255, byte_size(registry)::32, registry::binary, kind, text::binary>>
end

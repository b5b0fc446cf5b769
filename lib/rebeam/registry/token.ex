defmodule Rebeam.Registry.Token do
  @moduledoc false
  # What native code knows a key by (c_src/message/names.h). It is no UTF-8, and so no name.
  # python/rebeam/_addresses.py makes the same.

  alias Rebeam.Value.Key

  @doc "Of a key of a registry of this program; nil of one that native code does not look up."
  @spec of(String.t(), Key.t()) :: binary | nil
  def of(registry, key) when is_binary(key), do: token(registry, ?s, key)
  def of(registry, key) when is_integer(key), do: token(registry, ?i, Integer.to_string(key))
  def of(_registry, _key), do: nil

  defp token(registry, kind, text),
    do: <<255, byte_size(registry)::32, registry::binary, kind, text::binary>>
end

defmodule Rebeam.CLI.Word do
  @moduledoc false
  # What `rebeam WORD` does instead of running a program. A script with such a name is run as ./WORD.

  @looking ~w(crashes info stack top trace tree waits)
  # Those that are about a program that runs (Rebeam.CLI.Reach).
  @reaching ~w(drain eval join reload remote status stop) ++ @looking
  @words ~w(cert config doctor help new replay) ++ @reaching

  @doc "What a word does with its arguments: the status, after it printed."
  @callback run([String.t()]) :: 0..255

  @spec known?(String.t()) :: boolean
  def known?(word), do: word in @words

  @doc "Whether it wants a VM that can become a node without being found, as a program's is."
  @spec reaches?(String.t()) :: boolean
  def reaches?(word), do: word in @reaching

  @doc "All of them. Each is a module beside this one, but for `replay`, which is Python's."
  @spec all :: [String.t()]
  def all, do: @words
end

defmodule Rebeam.CLI.Word do
  @moduledoc false
  # What `rebeam WORD` does instead of running a program. A script with such a name is run as ./WORD.

  @words ~w(config doctor help new)

  @doc "What a word does with its arguments: the status, after it printed."
  @callback run([String.t()]) :: 0..255

  @spec known?(String.t()) :: boolean
  def known?(word), do: word in @words

  @doc "All of them. Each is a module beside this one."
  @spec all :: [String.t()]
  def all, do: @words
end

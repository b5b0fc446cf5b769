defmodule Rebeam.CLI.Word do
  @moduledoc false
  # What `rebeam WORD` does instead of running a program. A script with such a name is run as ./WORD.

  alias Rebeam.CLI.{Config, Doctor, Help, New}

  @words %{"config" => Config, "doctor" => Doctor, "help" => Help, "new" => New}

  @doc "What a word does with its arguments: the status, after it printed."
  @callback run([String.t()]) :: 0..255

  @spec known?(String.t()) :: boolean
  def known?(word), do: is_map_key(@words, word)

  @doc "All of them."
  @spec all :: [String.t()]
  def all, do: @words |> Map.keys() |> Enum.sort()

  @doc "Does it, and ends the VM."
  @spec run(String.t(), [String.t()]) :: no_return
  def run(word, arguments) do
    module = Map.fetch!(@words, word)
    System.halt(module.run(arguments))
  end
end

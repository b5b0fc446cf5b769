defmodule Rebeam.CLI.Complaint do
  @moduledoc false
  # What the command says is wrong.

  @doc "Says it, in a line on standard error."
  @spec say(String.t()) :: :ok
  def say(text), do: IO.puts(:stderr, "rebeam: " <> printable(text))

  @doc "What can be printed of a text: paths and arguments may hold bytes that are none."
  @spec printable(String.t()) :: String.t()
  def printable(text) do
    for each <- String.codepoints(text),
        into: "",
        do: if(String.valid?(each), do: each, else: "\uFFFD")
  end
end

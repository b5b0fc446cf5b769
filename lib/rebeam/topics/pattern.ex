defmodule Rebeam.Topics.Pattern do
  @moduledoc false
  # Topics are words with dots between them. In a pattern `*` stands for one word, and `**` for any
  # number of words, none too.

  @doc "Nil, or what is wrong with a topic; `:pattern`: with one to subscribe to."
  @spec fault(String.t(), :topic | :pattern) :: String.t() | nil
  def fault(topic, use) do
    words = words(topic)

    cond do
      "" in words -> "#{inspect(topic)} is no topic: it is words with dots between them"
      word = Enum.find(words, &odd?/1) -> "#{inspect(topic)}: * is a word of its own, not #{word}"
      use == :topic and wild?(topic) -> "#{inspect(topic)} is a pattern: publish to one topic"
      true -> nil
    end
  end

  @spec words(String.t()) :: [String.t()]
  def words(topic), do: :binary.split(topic, ".", [:global])

  @doc "Whether a topic that is in order is a pattern."
  @spec wild?(String.t()) :: boolean
  def wild?(topic), do: :binary.match(topic, "*") != :nomatch

  defp odd?(word), do: word not in ["*", "**"] and wild?(word)
end

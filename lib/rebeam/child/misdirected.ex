defmodule Rebeam.Child.Misdirected do
  @moduledoc false
  # A call or cast that came to a supervisor.

  alias Rebeam.Log
  alias Rebeam.Message.Post
  alias Rebeam.Value.Codec

  @doc "Answers a call with an error."
  @spec refuse(String.t(), GenServer.from()) :: :noreply
  def refuse(subject, from) do
    Post.reply(from, :error, Codec.pack!(text(subject)))
    :noreply
  end

  @doc "Says in the log that a cast went nowhere."
  @spec drop(String.t()) :: :noreply
  def drop(subject) do
    Log.unheard(self(), subject, Codec.pack!(text(subject)))
    :noreply
  end

  defp text(subject),
    do: "a supervisor handles no messages, and so no '#{subject}': ask one of its children"
end

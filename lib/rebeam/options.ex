defmodule Rebeam.Options do
  @moduledoc false
  # Options of public functions.

  @doc "Raises ArgumentError, which shows what it got, for anything but a list of known options."
  @spec check!(term, [atom]) :: :ok
  def check!(options, known) do
    unless Keyword.keyword?(options) do
      raise ArgumentError, "options are a keyword list, not #{inspect(options)}"
    end

    case Keyword.keys(options) -- known do
      [] -> :ok
      [key | _] -> raise ArgumentError, "unknown option #{inspect(key)}, known: #{inspect(known)}"
    end
  end
end

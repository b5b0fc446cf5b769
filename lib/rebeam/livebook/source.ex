if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.Source do
    @moduledoc false
    # What both smart cells write: Elixir code, with names and texts that somebody typed.

    alias Kino.SmartCell

    # The most that the VM takes as an atom.
    @longest 255
    # Elixir refuses these characters, which turn the direction of text, in code as they are.
    @turning ~r/[\x{202A}-\x{202E}\x{2066}-\x{2069}]/u

    @doc "Whether Elixir takes that text as a variable's name: no word of its own, and none that is no name to read."
    @spec variable?(String.t()) :: boolean
    def variable?(text) do
      String.length(text) <= @longest and SmartCell.valid_variable_name?(text) and
        not String.starts_with?(text, "__") and text != "_" and
        match?({:ok, {name, _, nil}} when is_atom(name), Code.string_to_quoted(text))
    end

    @spec variable(String.t()) :: Macro.t()
    def variable(name), do: {String.to_atom(name), [], nil}

    @doc "The statements as text."
    @spec text([Macro.t()]) :: String.t()
    def text(statements) do
      code = SmartCell.quoted_to_string({:__block__, [], statements})
      Regex.replace(@turning, code, &escaped/1)
    end

    defp escaped(<<character::utf8>>), do: "\\u" <> Integer.to_string(character, 16)

    @doc "A literal for several lines. Readable where it can be: Python has the same quotes."
    @spec lines(String.t()) :: Macro.t()
    def lines(text) do
      delimiter = Enum.find([~s["""], ~s[''']], &(not String.contains?(text, &1)))

      if delimiter == nil or text =~ @turning,
        do: text,
        else: {:sigil_S, [delimiter: delimiter], [{:<<>>, [], [text]}, []]}
    end
  end
end

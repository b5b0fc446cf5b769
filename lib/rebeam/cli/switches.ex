defmodule Rebeam.CLI.Switches do
  @moduledoc false
  # CPython's own switches, as its command line has them: several letters may follow one "-", and
  # some end them (https://docs.python.org/3/using/cmdline.html). CPython reads them once more, when
  # it starts with them.

  @plain ~w(b B d E i I O P q R s S u v)
  @with_value ~w(W X)

  @type found ::
          {:switches, [String.t()], [String.t()]}
          | {:command | :module, String.t(), [String.t()], [String.t()]}
          | {:help | :version}
          | {:error, String.t()}

  @doc """
  What a word that begins with "-" says, and what follows it: switches; or these and the code or
  module that they end with, and its arguments.
  """
  @spec read(String.t(), [String.t()]) :: found
  def read("-" <> letters, rest), do: letters(letters, rest, [])

  defp letters("", rest, switches), do: {:switches, Enum.reverse(switches), rest}

  defp letters(text, rest, switches) do
    {letter, more} = String.next_codepoint(text)

    cond do
      letter in @plain ->
        letters(more, rest, ["-" <> letter | switches])

      letter in @with_value ->
        with {:value, value, rest} <- value(letter, more, rest),
             do: {:switches, Enum.reverse(switches, ["-" <> letter, value]), rest}

      letter in ["c", "m"] ->
        with {:value, value, rest} <- value(letter, more, rest),
             do: {kind(letter), value, Enum.reverse(switches), rest}

      letter in ["h", "?"] ->
        {:help}

      letter == "V" ->
        {:version}

      true ->
        {:error, "unknown option -#{letter}"}
    end
  end

  defp kind("c"), do: :command
  defp kind("m"), do: :module

  defp value(letter, "", []), do: {:error, "-#{letter} needs #{what(letter)}"}
  defp value(_letter, "", [value | rest]), do: {:value, value, rest}
  defp value(_letter, value, rest), do: {:value, value, rest}

  defp what("c"), do: "code to run"
  defp what("m"), do: "the name of a module"
  defp what(_), do: "a value"
end

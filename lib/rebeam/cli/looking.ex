defmodule Rebeam.CLI.Looking do
  @moduledoc false
  # What the words have in common that look into a program that runs:
  #
  #   rebeam WORD [NODE | PID] [NAME...] [--limit N] [--json]

  alias Rebeam.CLI.{Complaint, Reach}
  alias Rebeam.Observe.Show

  # What has to ask all units, and these Python, takes that long at most, in milliseconds.
  @patience 30_000

  @typedoc "The options that a word knows, and their values where nothing is said; `json` is a flag."
  @type options :: %{optional(atom) => pos_integer | boolean}

  @doc "What the arguments say: the program, the names, and the options."
  @spec take([String.t()], options) :: {:ok, term, [String.t()], options} | {:error, String.t()}
  def take(arguments, options) do
    with {:ok, target, rest} <- Reach.take(arguments),
         {:ok, names, options} <- options(rest, options, []),
         do: {:ok, target, names, options}
  end

  defp options([], options, names), do: {:ok, Enum.reverse(names), options}
  defp options(["--" | rest], options, names), do: {:ok, Enum.reverse(names, rest), options}

  defp options(["--" <> word | rest], options, names) do
    {word, rest} = split(word, rest)
    key = Enum.find(Map.keys(options), &(Atom.to_string(&1) == word))

    case {options[key], rest} do
      {nil, _} -> {:error, "unknown option --#{word}"}
      {flag, rest} when is_boolean(flag) -> options(rest, %{options | key => true}, names)
      {_, []} -> {:error, "--#{word} needs a value"}
      {_, [text | rest]} -> number(word, text, rest, key, options, names)
    end
  end

  defp options([name | rest], options, names), do: options(rest, options, [name | names])

  defp split(word, rest) do
    case String.split(word, "=", parts: 2) do
      [word, value] -> {word, [value | rest]}
      [word] -> {word, rest}
    end
  end

  defp number(word, text, rest, key, options, names) do
    case Integer.parse(text) do
      {number, ""} when number > 0 -> options(rest, %{options | key => number}, names)
      _ -> {:error, "--#{word} is a whole number of at least 1, not #{inspect(text)}"}
    end
  end

  @doc """
  Prints what a function of `Rebeam.Observe.Show` says in the program, called with the format and what
  `more` makes of names and options: a list of arguments, or an error.
  """
  @spec print([String.t()], options, atom, ([String.t()], options -> list | {:error, String.t()})) ::
          0..255
  def print(arguments, options, function, more) do
    with {:ok, target, names, options} <- take(arguments, options),
         more when is_list(more) <- more.(names, options),
         {:asked, {:ok, text}} <- {:asked, ask(target, function, [format(options) | more])} do
      IO.puts(text)
      0
    else
      {:error, text} -> Complaint.say(text) && 2
      {:asked, {:error, text}} -> Complaint.say(text) && 1
    end
  end

  defp ask(target, function, arguments) do
    with {:ok, reached} <- Reach.open(target),
         {:ok, shown} <- Reach.call(reached, Show, function, arguments, @patience),
         do: shown
  end

  @doc "As what it is wanted."
  @spec format(options) :: Show.format()
  def format(%{json: true}), do: :json
  def format(_options), do: :text

  @doc "No names: so many arguments are too many."
  @spec none(String.t(), [String.t()], list) :: list | {:error, String.t()}
  def none(_word, [], more), do: more

  def none(word, [name | _], _more),
    do: {:error, "#{word} takes a NODE or the id of a process, not #{inspect(name)}"}
end

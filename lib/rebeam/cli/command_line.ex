defmodule Rebeam.CLI.CommandLine do
  @moduledoc false
  # The command line: options of ours and of CPython's, then what is to run; what follows belongs to
  # that. Or a word that asks for something else.

  alias Rebeam.CLI.{Options, ScriptPackages, Settings, Switches, Usage, Word}

  @dashboard_port "4040"
  @replay "rebeam._program.replay"

  @type result ::
          {:run, Options.t()}
          | {:word, String.t(), [String.t()]}
          | {:help, String.t()}
          | {:version, String.t()}
          | {:error, String.t()}

  @doc "What the command line asks for, with the settings of the environment and of pyproject.toml."
  @spec read([String.t()]) :: result
  def read(argv) do
    with {:run, options} <- parse(argv),
         {:ok, options} <- Settings.fill(options),
         :ok <- Options.check(options),
         {:ok, options} <- ScriptPackages.fill(options),
         do: {:run, options}
  end

  @doc "What it says by itself. Errors are one line that shows what it got."
  @spec parse([String.t()]) :: result
  def parse(argv), do: parse(argv, %Options{})

  defp parse(["--help" | _], _), do: {:help, Usage.text()}
  defp parse(["--version" | _], _), do: {:version, version()}
  defp parse([], options), do: finish(options, :prompt, [])
  defp parse(["--" | rest], options), do: script(rest, options)
  defp parse(["-" | _] = rest, options), do: script(rest, options)
  defp parse(["--" <> _ = option | rest], options), do: option(option, rest, options)
  defp parse(["-" <> _ = word | rest], options), do: switches(Switches.read(word, rest), options)

  # A program of ours: it has Python, and the terminal.
  defp parse(["replay" | rest], %{origins: said, switches: []} = options) when said == %{},
    do: finish(options, {:module, @replay}, rest)

  defp parse([first | rest], %{origins: said, switches: []} = options) when said == %{},
    do: if(Word.known?(first), do: {:word, first, rest}, else: script([first | rest], options))

  defp parse(rest, options), do: script(rest, options)

  defp script([], options), do: finish(options, :prompt, [])
  defp script([path | args], options), do: finish(options, {:script, path}, args)

  defp switches({:switches, words, rest}, options), do: parse(rest, with_switches(options, words))

  defp switches({kind, value, words, args}, options),
    do: options |> with_switches(words) |> finish({kind, value}, args)

  defp switches({:help}, _), do: {:help, Usage.text()}
  defp switches({:version}, _), do: {:version, version()}
  defp switches({:error, text}, _), do: {:error, text}

  defp with_switches(options, words),
    do: %{options | switches: options.switches ++ words, argv: options.argv ++ words}

  defp option(option, rest, options) do
    # `--option=value` is `--option value`, and a switch alone says yes.
    [flag | values] = String.split(option, "=", parts: 2)

    with {:ok, key} <- known(flag),
         values = if(values == [] and Options.switch?(key), do: ["yes"], else: values),
         {:ok, text, rest} <- value(key, flag, values ++ rest),
         {:ok, options} <- Options.put(options, key, text, flag) do
      parse(rest, keep(options, key, flag, text))
    end
  end

  defp known(flag) do
    with :error <- Map.fetch(Options.flags(), flag),
         do: {:error, "unknown option #{flag}#{suggestion(flag)}"}
  end

  defp suggestion(flag) do
    if String.valid?(flag), do: closest(flag), else: ""
  end

  defp closest(flag) do
    closest = Enum.max_by(flags(), &String.jaro_distance(&1, flag))
    if String.jaro_distance(closest, flag) > 0.8, do: ", did you mean #{closest}?", else: ""
  end

  @doc "Every option of ours."
  @spec flags :: [String.t()]
  def flags, do: ["--help", "--version" | Map.keys(Options.flags())]

  # Its port may be left out.
  defp value(:dashboard, _flag, rest) do
    case rest do
      [text | others] when text != "" ->
        if text =~ ~r/^[0-9]+\z/, do: {:ok, text, others}, else: {:ok, @dashboard_port, rest}

      _ ->
        {:ok, @dashboard_port, rest}
    end
  end

  defp value(_key, flag, []), do: {:error, "#{flag} needs a value"}
  defp value(_key, _flag, [text | rest]), do: {:ok, text, rest}

  # Everybody can read the command line of a process.
  defp keep(options, :cookie, _flag, _text), do: options

  defp keep(options, key, flag, text) do
    words = if Options.switch?(key), do: ["#{flag}=#{text}"], else: [flag, text]
    %{options | argv: options.argv ++ words}
  end

  defp finish(options, target, args) do
    with :ok <- exists(target) do
      {:run, %{options | target: target, args: args, argv: options.argv ++ words(target) ++ args}}
    end
  end

  @doc "What is run, as it is said."
  @spec words(tuple | atom) :: [String.t()]
  def words({:module, name}), do: ["-m", name]
  def words({:command, code}), do: ["-c", code]
  def words({:script, "-"}), do: ["-"]

  def words({:script, path}),
    do: if(String.starts_with?(path, "-") or Word.known?(path), do: ["--", path], else: [path])

  def words(kind) when kind in [:prompt, :remote], do: []

  @doc "How CPython is told of the same program."
  @spec python_arguments(Options.t()) :: [String.t()]
  def python_arguments(options), do: options.switches ++ words(options.target) ++ options.args

  defp exists({:script, path}) when path != "-" do
    if File.exists?(path) or in_archive?(Path.dirname(path)),
      do: :ok,
      else: {:error, "can't open file #{inspect(path)}: no such file"}
  end

  defp exists(_), do: :ok

  # A zip file's folders are programs as well; Python looks for them.
  defp in_archive?(path) do
    File.regular?(path) or (Path.dirname(path) != path and in_archive?(Path.dirname(path)))
  end

  defp version do
    Application.load(:rebeam)
    "Re:BEAM #{Application.spec(:rebeam, :vsn)}"
  end
end

defmodule Rebeam.CLI.Options do
  @moduledoc false
  # The command line. Options before the script are ours; everything after it
  # belongs to the script.

  alias Rebeam.CLI.Usage

  @levels ~w(debug info notice warning error critical alert emergency none)a

  # Option, key in the result, how its value is read.
  @options %{
    "--restart" => {:restart, {:one_of, ~w(never on_failure always)a}},
    "--max-restarts" => {:max_restarts, :count},
    "--max-seconds" => {:max_seconds, :positive},
    "--isolation" => {:isolation, {:one_of, ~w(shared interpreter process)a}},
    "--workers" => {:workers, :positive},
    "--unit-memory" => {:unit_memory, :bytes},
    "--python" => {:python, :text},
    "--name" => {:name, :text},
    "--sname" => {:sname, :text},
    "--cookie" => {:cookie, :text},
    "--cookie-file" => {:cookie_file, :text},
    "--listen" => {:listen, :text},
    "--connect" => {:connect, :texts},
    "--log-level" => {:log_level, {:one_of, @levels}}
  }

  @units %{"K" => 1024, "M" => 1024 ** 2, "G" => 1024 ** 3}

  # `argv` is the command line for the VM that runs it: the same, without the cookie.
  @defaults %{
    argv: [],
    target: nil,
    args: [],
    restart: :never,
    max_restarts: 3,
    max_seconds: 5,
    isolation: :shared,
    workers: nil,
    unit_memory: nil,
    python: nil,
    name: nil,
    sname: nil,
    cookie: nil,
    cookie_file: nil,
    listen: nil,
    connect: [],
    log_level: nil
  }

  @type t :: %{
          argv: [String.t()],
          target: {:script, Path.t()} | {:module, String.t()},
          args: [String.t()],
          restart: :never | :on_failure | :always,
          max_restarts: non_neg_integer,
          max_seconds: pos_integer,
          isolation: :shared | :interpreter | :process,
          workers: pos_integer | nil,
          unit_memory: pos_integer | nil,
          python: Path.t() | nil,
          name: String.t() | nil,
          sname: String.t() | nil,
          cookie: String.t() | nil,
          cookie_file: Path.t() | nil,
          listen: String.t() | nil,
          connect: [String.t()],
          log_level: atom
        }

  @type result ::
          {:run, t} | {:help, String.t()} | {:version, String.t()} | {:error, String.t()}

  @doc "What the command line asks for. Errors are one line that shows what it got."
  @spec parse([String.t()]) :: result
  def parse(argv), do: parse(argv, @defaults)

  @doc "The node that the options ask for, and how its name is; nil if they ask for none."
  @spec node_name(t) :: {String.t(), :longnames | :shortnames} | nil
  def node_name(%{name: name}) when name != nil, do: {name, :longnames}
  def node_name(%{sname: name}) when name != nil, do: {name, :shortnames}
  def node_name(_options), do: nil

  defp parse([help | _], _) when help in ["--help", "-h"], do: {:help, Usage.text()}
  defp parse([version | _], _) when version in ["--version", "-V"], do: {:version, version()}
  defp parse(["-m", module | args], options), do: finish(options, {:module, module}, args)
  defp parse(["-m"], _), do: {:error, "-m needs the name of a module"}
  defp parse(["--" | rest], options), do: script(rest, options)
  defp parse(["-" | _] = rest, options), do: script(rest, options)
  defp parse(["-" <> _ = option | rest], options), do: option(option, rest, options)
  defp parse(rest, options), do: script(rest, options)

  defp script([], _),
    do: {:error, "no script given: #{Usage.command()} [options] main.py [arguments]"}

  defp script([path | args], options), do: finish(options, {:script, path}, args)

  defp option(option, rest, options) do
    {name, rest} = split(option, rest)

    with {:ok, {key, kind}} <- known(name),
         {:ok, text, rest} <- value(name, rest),
         {:ok, value} <- read(kind, name, text) do
      parse(rest, options |> put(kind, key, value) |> keep(key, [name, text]))
    end
  end

  # `--option=value` is `--option value`.
  defp split(option, rest) do
    case String.split(option, "=", parts: 2) do
      [name, value] -> {name, [value | rest]}
      [name] -> {name, rest}
    end
  end

  defp known(name) do
    case @options do
      %{^name => known} -> {:ok, known}
      _ -> {:error, "unknown option #{name}#{suggestion(name)}"}
    end
  end

  defp suggestion(name) do
    closest = Enum.max_by(names(), &String.jaro_distance(&1, name))
    if String.jaro_distance(closest, name) > 0.8, do: ", did you mean #{closest}?", else: ""
  end

  @doc "Every option that stands before the script."
  @spec names :: [String.t()]
  def names, do: ["--help", "--version" | Map.keys(@options)]

  defp value(name, []), do: {:error, "#{name} needs a value"}
  defp value(_name, [text | rest]), do: {:ok, text, rest}

  defp read({:one_of, allowed}, name, text) do
    names = Enum.map(allowed, &(&1 |> Atom.to_string() |> String.replace("_", "-")))

    case Enum.find_index(names, &(&1 == text)) do
      nil -> {:error, "#{name} is one of #{Enum.join(names, ", ")}, not #{inspect(text)}"}
      index -> {:ok, Enum.at(allowed, index)}
    end
  end

  defp read(:count, name, text), do: number(name, text, 0)
  defp read(:positive, name, text), do: number(name, text, 1)

  defp read(:bytes, name, text) do
    case Integer.parse(text) do
      {number, unit} when number > 0 and is_map_key(@units, unit) -> {:ok, number * @units[unit]}
      _ -> {:error, "#{name} is a size such as 500M or 2G, not #{inspect(text)}"}
    end
  end

  defp read(_text, name, ""), do: {:error, "#{name} needs a value, not \"\""}
  defp read(_text, _name, text), do: {:ok, text}

  defp number(name, text, least) do
    case Integer.parse(text) do
      {number, ""} when number >= least -> {:ok, number}
      _ -> {:error, "#{name} is a whole number of at least #{least}, not #{inspect(text)}"}
    end
  end

  defp put(options, :texts, key, value), do: Map.update!(options, key, &(&1 ++ [value]))
  defp put(options, _kind, key, value), do: Map.put(options, key, value)

  defp keep(options, :cookie, _words), do: options
  defp keep(options, _key, words), do: Map.update!(options, :argv, &(&1 ++ words))

  defp finish(options, target, args) do
    with :ok <- exists(target),
         :ok <- again(options, target),
         :ok <- one_name(options),
         :ok <- named(options) do
      argv = options.argv ++ words(target) ++ args
      {:run, %{options | target: target, args: args, argv: argv}}
    end
  end

  defp words({:module, name}), do: ["-m", name]
  defp words({:script, "-" <> _ = path}), do: ["--", path]
  defp words({:script, path}), do: [path]

  defp exists({:module, _}), do: :ok
  defp exists({:script, "-"}), do: :ok

  defp exists({:script, path}) do
    if File.exists?(path) or in_archive?(Path.dirname(path)),
      do: :ok,
      else: {:error, "can't open file #{inspect(path)}: no such file"}
  end

  # A zip file's folders are programs as well; Python looks for them.
  defp in_archive?(path) do
    File.regular?(path) or (Path.dirname(path) != path and in_archive?(Path.dirname(path)))
  end

  defp again(%{restart: restart}, {:script, "-"}) when restart != :never,
    do: {:error, "--restart needs a script in a file: standard input is read once"}

  defp again(_, _), do: :ok

  defp one_name(%{name: name, sname: sname}) when is_binary(name) and is_binary(sname),
    do: {:error, "--name #{name} and --sname #{sname}: a node has one name"}

  defp one_name(_), do: :ok

  defp named(%{connect: [node | _], name: nil, sname: nil}),
    do: {:error, "--connect #{node} needs a name for this node: --name or --sname"}

  defp named(_), do: :ok

  defp version do
    Application.load(:rebeam)
    "Re:BEAM #{Application.spec(:rebeam, :vsn)}"
  end
end

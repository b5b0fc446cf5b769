defmodule Rebeam.Program do
  @moduledoc false
  # Runs a Python program in a fresh OS process, as a user would: in the VM that
  # `mix rebeam.run` becomes, but without the second that Mix takes before that.
  # What has to do with signals and terminals goes the whole way (`via: :mix`).

  import ExUnit.Assertions

  alias Rebeam.CLI.Handover

  defstruct [:out, :err, :status]

  @type t :: %__MODULE__{out: String.t(), err: String.t(), status: 0..255 | String.t()}

  @type option ::
          {:args, [String.t()]}
          | {:options, [String.t()]}
          | {:env, [{String.t(), String.t() | nil}]}
          | {:input, binary}
          | {:on, [{String.t(), :signal | :type | :eof | :hangup | :command, String.t()}]}
          | {:pty, boolean}
          | {:limit, pos_integer}
          | {:cd, Path.t()}
          | {:own, boolean}
          | {:via, :vm | :mix | :python}

  @programs Path.expand("../programs", __DIR__)

  # A busy machine takes long; what hangs takes for ever.
  @limit 90

  @doc """
  Runs a program: one of `test/programs` ("topic/test/name.py"), Python source, the path of a
  script elsewhere, `{:module, name}`, or `{:script, what}`, a program in any form; or `{:words, words}`, what the command line ends with. Source and what is in `test/programs` become `main.py`
  in a folder of their own, beside the modules of `test/programs` that they import.

    * `:args` - arguments of the script
    * `:options` - what stands before it, for Re:BEAM
    * `:env` - variables to set, or with nil to remove
    * `:input` - all of standard input; without it, input is what `:on` types
    * `:on` - `{text, :signal | :type | :eof | :hangup | :command, argument}`, done when the text
      appears on standard output, one after the other; "" is there from the start; a hangup closes
      the terminal; a command is one for the shell, and waited for
    * `:pty` - a terminal for input, output and errors, which are all in `out` then
    * `:cd` - the working folder
    * `:own` - the words are all of the command line: no interpreter is chosen
    * `:via` - `:vm` (default), `:mix` for the real command, `:python` without Re:BEAM
    * `:limit` - seconds after which it is ended by force, and the test fails

  The status is the exit status, or the name of the signal that ended it.
  """
  @spec run(String.t() | {:module | :script, String.t()} | {:words, [String.t()]}, [option]) :: t
  def run(program, options \\ []) do
    folder = folder()
    target = target(program, folder)
    command = command(options[:via] || :vm, target, options)
    watch(command, folder, options)
  end

  @doc "Runs it under `python` and under Re:BEAM: `{python, rebeam}`."
  @spec both(String.t() | {:module | :script, String.t()} | {:words, [String.t()]}, [option]) ::
          {t, t}
  def both(program, options \\ []) do
    options = Keyword.put_new(options, :cd, folder())
    program = if is_binary(program), do: target(program, options[:cd]) |> elem(1), else: program
    {run(program, [via: :python] ++ options), run(program, options)}
  end

  @doc "Runs Elixir code as `mix run` does: in a VM with its default flags, Rebeam started. It may wait
  with `Rebeam.Waiting`, and finds the path of the interpreter in `PYTHON_UNDER_TEST`."
  @spec elixir(String.t(), [option]) :: t
  def elixir(code, options \\ []) do
    folder = folder()

    code = """
    {:ok, _} = Application.ensure_all_started(:rebeam)
    import Rebeam.Waiting, warn: false
    #{code}
    """

    script = write(Path.join(folder, "main.exs"), code)

    paths =
      for path <- :code.get_path(), path = List.to_string(path), path =~ "/rebeam/", do: path

    arguments = Enum.flat_map(paths, &["-pa", Path.expand(&1)]) ++ [script]
    ours = {"PYTHON_UNDER_TEST", python().executable}
    env = Enum.uniq_by((options[:env] || []) ++ [ours], &elem(&1, 0))
    watch([System.find_executable("elixir") | arguments], folder, [env: env] ++ options)
  end

  @doc "Runs it, asserts that it ended well and said nothing else, and returns its lines."
  @spec lines!(String.t(), [option]) :: [String.t()]
  def lines!(program, options \\ []) do
    result = run(program, options)
    assert %{status: 0, err: ""} = result
    String.split(result.out, "\n", trim: true)
  end

  @doc "Runs it where something may be logged: asserts that it ended well, and returns its lines."
  @spec out!(String.t(), [option]) :: [String.t()]
  def out!(program, options \\ []) do
    result = run(program, options)
    assert result.status == 0, result.out <> result.err
    String.split(result.out, "\n", trim: true)
  end

  @doc "A file in test/programs."
  @spec path(String.t()) :: Path.t()
  def path(name), do: Path.join(@programs, name)

  @doc "The text of one of test/programs; any other text is itself."
  @spec source(String.t()) :: String.t()
  def source(program), do: if(ours?(program), do: File.read!(path(program)), else: program)

  @doc "Where one of test/programs says so: the number of the first line with that text."
  @spec line(String.t(), String.t()) :: pos_integer
  def line(program, text) do
    1 + Enum.find_index(String.split(source(program), "\n"), &String.contains?(&1, text))
  end

  @doc """
  A folder that goes away after the test, with files in it. What goes for `run/2` goes for
  Python in them: it may be one of `test/programs`, and has the modules that it imports beside it.
  """
  @spec folder(%{optional(String.t()) => iodata}) :: Path.t()
  def folder(files \\ %{}) do
    name = "rebeam-program-#{System.pid()}-#{System.unique_integer([:positive])}"
    folder = Path.join(System.tmp_dir!(), name)
    File.mkdir_p!(folder)
    ExUnit.Callbacks.on_exit(fn -> System.cmd("rm", ["-rf", folder]) end)
    for {path, content} <- files, do: write(Path.join(folder, path), content)
    for {path, _} <- files, Path.extname(path) == ".py", do: add_modules(Path.join(folder, path))
    folder
  end

  @doc "The interpreter that programs run under."
  @spec python() :: Rebeam.Python.t()
  def python do
    with nil <- :persistent_term.get(__MODULE__, nil) do
      {:ok, python} = Rebeam.Python.find([])
      :persistent_term.put(__MODULE__, python)
      python
    end
  end

  @doc "The command that starts a VM as Re:BEAM does, with the given entry."
  @spec vm([String.t()]) :: [String.t()]
  def vm(arguments) do
    start = %{arguments: arguments, applications: [:rebeam]}
    [Path.join(System.fetch_env!("BINDIR"), "erlexec") | Handover.flags(start)]
  end

  # ---- what is run -----------------------------------------------------------------

  # The options that every program gets: for a run of the tests in another isolation.
  defp always, do: OptionParser.split(System.get_env("REBEAM_TEST_OPTIONS", ""))

  defp target({_kind, _name} = target, _folder), do: target

  defp target(program, folder) do
    if path?(program) and not ours?(program) do
      {:script, program}
    else
      {:script, folder |> Path.join("main.py") |> write(program) |> add_modules()}
    end
  end

  defp path?(program),
    do: String.ends_with?(program, ".py") and not String.contains?(program, "\n")

  defp ours?(program),
    do: path?(program) and Path.type(program) == :relative and File.exists?(path(program))

  defp write(path, content) do
    File.mkdir_p!(Path.dirname(path))
    File.write!(path, content |> IO.iodata_to_binary() |> source())
    path
  end

  # Their names are unique in test/programs.
  defp add_modules(path) do
    for [_, name] <- Regex.scan(~r/^ *(?:from|import) (\w+)/m, File.read!(path)),
        beside = Path.join(Path.dirname(path), name <> ".py"),
        not File.exists?(beside),
        [module] <- [Path.wildcard(Path.join(@programs, "**/#{name}.py"))] do
      File.cp!(module, beside)
      add_modules(beside)
    end

    path
  end

  defp command(:python, target, options), do: [python().executable | arguments(target, options)]
  defp command(:vm, target, options), do: vm(ours(options) ++ arguments(target, options))

  defp command(:mix, target, options) do
    [System.find_executable("mix"), "rebeam.run" | ours(options) ++ arguments(target, options)]
  end

  defp ours(options) do
    if options[:own],
      do: [],
      else: ["--python", python().executable | always() ++ (options[:options] || [])]
  end

  defp arguments({:module, name}, options), do: ["-m", name | options[:args] || []]
  defp arguments({:words, words}, _options), do: words
  defp arguments({:script, path}, options), do: [path | options[:args] || []]

  # ---- how -------------------------------------------------------------------------

  defp watch(command, folder, options) do
    limit = options[:limit] || @limit
    if options[:input], do: File.write!(Path.join(folder, "stdin"), options[:input])
    terminal = if options[:pty], do: "pty", else: "none"
    mask = if hd(command) =~ "erlexec", do: "blocked", else: "open"
    watcher = Path.join(__DIR__, "watch.py")

    {text, 0} =
      System.cmd(
        python().executable,
        ["-I", "-S", watcher, folder, "#{limit}", terminal, mask] ++
          plan(options[:on] || default_plan(options)) ++ ["--" | command],
        env: environment(options),
        cd: options[:cd] || File.cwd!(),
        stderr_to_stdout: true
      )

    assert text == ""
    result(folder, limit)
  end

  # Nothing to type: standard input is empty.
  defp default_plan(options) do
    if options[:pty] || options[:input], do: [], else: [{"", :eof, ""}]
  end

  defp plan(steps) do
    Enum.flat_map(steps, fn {text, what, argument} -> [text, to_string(what), argument] end)
  end

  defp environment(options) do
    python = for {"PYTHON" <> _ = name, _} <- System.get_env(), do: {name, nil}
    # What the VM that runs the tests was started with; erlexec needs it.
    beam = if options[:via] == :python, do: ~w(BINDIR ROOTDIR EMU PROGNAME), else: []

    python ++ Enum.map(beam, &{&1, nil}) ++ variables() ++ (options[:env] || [])
  end

  @doc "Variables of every program that tests run."
  @spec variables :: [{String.t(), String.t() | nil}]
  def variables do
    # A handler of theirs may hold its thread for long, as the machine is busy: that is no news.
    [{"VIRTUAL_ENV", nil}, {"MIX_ENV", "test"}, {"REBEAM_WARN_BLOCKED", "600"}]
  end

  defp result(folder, limit) do
    read = &File.read!(Path.join(folder, &1))
    result = %__MODULE__{out: read.("stdout"), err: read.("stderr")}

    case read.("ended") do
      "exit " <> status ->
        %{result | status: String.to_integer(status)}

      "signal " <> name ->
        %{result | status: name}

      "deadline" ->
        flunk("""
        not over after #{limit} seconds
        --- stdout
        #{result.out}
        --- stderr
        #{result.err}
        """)
    end
  end
end

defmodule Rebeam.InterpreterProgram do
  @moduledoc false
  # Runs Elixir code in a fresh VM, under a CPython that has interpreter units.

  import ExUnit.Assertions

  alias Rebeam.Program

  # What `code` may use. `start.(maker, class, args)` starts an actor of test/programs/
  # unit_features.py, `ask.(actor, subject, message)` calls it, `show.(term)` prints a term.
  @head """
  :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py", "arg"])
  Logger.configure(level: :none)
  Process.flag(:trap_exit, true)
  alias Rebeam.{Native, Units.Interpreter}
  main = Rebeam.Python.Runtime.maker()
  programs = System.fetch_env!("PROGRAMS_UNDER_TEST")
  recipe = fn maker, {module, class}, args ->
    {maker, Rebeam.Value.pack!({"class", module, class, args, %{}, [programs, File.cwd!()]})}
  end
  start = fn maker, class, args ->
    what = if is_tuple(class), do: class, else: {"unit_features", class}
    {:ok, pid} = Rebeam.Actor.start_link(recipe.(maker, what, args), kind: :actor, label: "test")
    pid
  end
  ask = fn actor, subject, message ->
    {:ok, answer} = Rebeam.call(actor, subject, message, 60_000)
    answer
  end
  units = fn count ->
    started = for n <- 1..count, do: elem(Interpreter.start_link(n), 1)
    for unit <- started do
      {:ok, maker} = Interpreter.await(unit)
      maker
    end
  end
  show = &IO.inspect(&1, charlists: :as_lists, limit: :infinity, printable_limit: :infinity, width: 100_000)
  _ = {main, start, ask, units, show}
  """

  # What the command does at its end.
  @finish """

  Native.python_finish()
  receive do
    {:"$rebeam", :exited, status} -> IO.puts("over \#{status}")
  end
  Rebeam.Python.Ending.flush()
  Native.halt(0)
  """

  @doc "Interpreters that have units: one of each minor version."
  @spec pythons :: [Rebeam.Python.t()]
  def pythons, do: Enum.filter(all(), &(minor(&1) >= 12))

  @doc "Why tests of such units are skipped: text for the tag `:skip`, or nil."
  @spec lacks_units :: String.t() | nil
  def lacks_units, do: if(pythons() == [], do: "interpreter units need CPython 3.12 or newer")

  @doc "The same of a test that needs an older one."
  @spec lacks_older :: String.t() | nil
  def lacks_older, do: if(older() == nil, do: "there is no CPython 3.11 here")

  @doc "One that has none; nil without such."
  @spec older :: Rebeam.Python.t() | nil
  def older, do: Enum.find(all(), &(minor(&1) < 12))

  defp all do
    paths =
      case System.get_env("REBEAM_PYTHON") do
        nil ->
          [
            Program.python().executable
            | Path.wildcard(Path.join(pyenv(), "versions/3.*/bin/python"))
          ]

        path ->
          [path]
      end

    paths
    |> Enum.flat_map(&found/1)
    |> Enum.sort_by(&minor/1)
    |> Enum.dedup_by(&minor/1)
  end

  defp pyenv, do: System.get_env("PYENV_ROOT") || Path.expand("~/.pyenv")

  defp found(path) do
    case Rebeam.Python.find(python: path) do
      {:ok, python} -> [python]
      {:error, _} -> []
    end
  end

  defp minor(%{version: "3." <> rest}), do: rest |> Integer.parse() |> elem(0)

  @doc "The lines that `code` printed, in a program that then ended as one does."
  @spec lines!(Rebeam.Python.t(), String.t(), %{optional(String.t()) => iodata}) :: [
          String.t()
        ]
  def lines!(python, code, files \\ %{}) do
    result = run(python, code, files)
    assert result.status == 0, inspect(result.status) <> result.out <> result.err
    assert result.err == ""
    lines = String.split(result.out, "\n", trim: true)
    assert List.last(lines) == "over 0"
    Enum.drop(lines, -1)
  end

  @doc "The same with whatever came of it."
  @spec run(Rebeam.Python.t(), String.t(), %{optional(String.t()) => iodata}) ::
          Program.t()
  def run(python, code, files \\ %{}) do
    env = [
      {"PYTHON_UNDER_TEST", python.executable},
      {"PROGRAMS_UNDER_TEST", Path.dirname(Program.path("x"))}
    ]

    Program.elixir(@head <> code <> @finish, cd: Program.folder(files), env: env)
  end
end

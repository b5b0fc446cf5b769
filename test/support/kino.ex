defmodule Rebeam.KinoSources do
  @moduledoc false
  # Kino, for the tests of what a notebook shows: compiled once from sources, `KINO_PATH`, which have those
  # of Table beside them or among their deps. Without it these tests are left out.

  # Mix has put all implementations together that it knew, without those of Table.
  @apart """
  for path <- :code.get_path(), List.to_string(path) =~ "consolidated", do: :code.del_path(path)
  # Kino's compilation has loaded it again already.
  :code.purge(Enumerable)
  {:module, _} = :code.load_file(Enumerable)
  """

  @doc "Why it is not there; nil if it is."
  @spec lack :: String.t() | nil
  def lack do
    cond do
      sources() == nil ->
        "what a notebook shows: KINO_PATH names no folder with the sources of Kino"

      table() == nil ->
        "what a notebook shows: there is no Table (table) beside #{sources()}"

      true ->
        nil
    end
  end

  @doc "Compiles it where that is still to do, starts it, and compiles what needs it. Any number of times."
  @spec load! :: :ok
  def load! do
    :global.trans({__MODULE__, self()}, fn ->
      unless Code.ensure_loaded?(Rebeam.Livebook), do: load()
    end)

    :ok
  end

  @doc "Has a VM of a test's own find all of that: code that starts it."
  @spec prelude :: String.t()
  def prelude do
    paths = for app <- [:table, :kino, :rebeam_livebook], do: Path.join(folder(app), "ebin")

    """
    #{@apart}
    Enum.each(#{inspect(paths)}, &Code.prepend_path/1)
    {:ok, _} = Application.ensure_all_started(:kino)
    Rebeam.Livebook.install()
    """
  end

  defp load do
    for {app, from} <- [table: table(), kino: sources()], do: app(app, from)
    Code.eval_string(@apart)
    {:ok, _} = Application.ensure_all_started(:kino)
    files = ["lib/rebeam/livebook.ex" | Path.wildcard("lib/rebeam/livebook/*.ex")]
    ebin = Path.join(folder(:rebeam_livebook), "ebin")
    File.mkdir_p!(ebin)
    {:ok, _, []} = Kernel.ParallelCompiler.compile_to_path(files, ebin)
    Code.prepend_path(ebin)
    apply(Rebeam.Livebook, :install, [])
  end

  defp folder(app) do
    Path.expand("build/kino/#{System.version()}-#{:erlang.phash2(sources())}/#{app}")
  end

  defp app(app, from) do
    folder = folder(app)
    ebin = Path.join(folder, "ebin")
    File.mkdir_p!(Path.join(folder, "priv"))
    File.mkdir_p!(ebin)
    described = Path.join(ebin, "#{app}.app")
    compiled? = File.exists?(described)
    module = if app == :kino, do: [mod: {Kino.Application, []}], else: []
    properties = [vsn: ~c"0", applications: [:kernel, :stdlib, :elixir, :logger]] ++ module
    File.write!(described, :io_lib.format("~p.", [{:application, app, properties}]))
    Code.prepend_path(ebin)
    unless compiled?, do: compile(from, ebin, described)
  end

  defp compile(from, ebin, described) do
    files = Path.wildcard(Path.join(from, "lib/**/*.ex"))

    File.cd!(from, fn ->
      {:ok, _, _} = Kernel.ParallelCompiler.compile_to_path(files, ebin)
    end)
  catch
    # To be tried again.
    kind, reason ->
      File.rm(described)
      :erlang.raise(kind, reason, __STACKTRACE__)
  end

  defp sources, do: first([System.get_env("KINO_PATH", "")])

  defp table do
    if from = sources(), do: first([Path.join(from, "deps/table"), Path.join(from, "../table")])
  end

  defp first(paths),
    do: Enum.find(paths, &(&1 != "" and File.dir?(Path.join(&1, "lib"))))
end

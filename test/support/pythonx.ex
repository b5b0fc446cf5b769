defmodule Rebeam.PythonxBuild do
  @moduledoc false
  # Pythonx, for the tests of another library that embeds CPython: a build of it for the Erlang that runs
  # the tests, `PYTHONX_PATH`, a folder that has its ebin and priv. Without it these tests are left out.

  @doc "Why it is not there; nil if it is."
  @spec lack :: String.t() | nil
  def lack do
    unless File.dir?(Path.join(folder(), "ebin")),
      do: "Pythonx in the same VM: PYTHONX_PATH names no folder with a build of it"
  end

  @doc "Has a VM of a test's own find it: code that starts it."
  @spec prelude :: String.t()
  def prelude do
    """
    Code.prepend_path(#{inspect(Path.join(folder(), "ebin"))})
    {:ok, _} = Application.ensure_all_started(:pythonx)
    """
  end

  @doc "Code that has it initialise such a CPython."
  @spec start(Rebeam.Python.t()) :: String.t()
  def start(python) do
    arguments = [python.libpython, python.prefix, python.executable]
    "apply(Pythonx, :init, #{inspect(arguments)})\n"
  end

  defp folder, do: Path.expand(System.get_env("PYTHONX_PATH", ""))
end

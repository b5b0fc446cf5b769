defmodule Rebeam.Environment do
  @moduledoc false
  # A user's virtual environment with pytest, made once per interpreter (test/environment).

  import ExUnit.Assertions

  alias Rebeam.Program

  @root Path.expand("../..", __DIR__)

  @doc "The path of its interpreter. Fails if packages cannot be fetched."
  @spec python :: Path.t()
  def python do
    python = Program.python()
    folder = Path.join(@root, "build/user/#{python.version}")
    run!(Path.join(@root, "test/environment"), [folder, python.executable])
    Path.join(folder, "bin/python")
  end

  @doc "Installs the Python package into a folder, which then goes on PYTHONPATH."
  @spec install!(Path.t()) :: Path.t()
  def install!(folder) do
    # pip builds in the folder of the source.
    source = Path.join(folder, "source")
    File.mkdir_p!(source)
    File.cp!(Path.join(@root, "python/pyproject.toml"), Path.join(source, "pyproject.toml"))
    File.cp_r!(Path.join(@root, "python/rebeam"), Path.join(source, "rebeam"))
    target = Path.join(folder, "installed")
    options = ["--quiet", "--no-build-isolation", "--no-deps", "--target", target]
    run!(python(), ["-m", "pip", "install"] ++ options ++ [source])
    target
  end

  @doc "Variables for a process that runs under plain Python and finds `path` first."
  @spec variables([Path.t()]) :: [{String.t(), String.t() | nil}]
  def variables(path),
    do: [{"PYTHONPATH", Enum.join(path, ":")}, {"PYTHONDONTWRITEBYTECODE", "1"}]

  @doc "The folder to have on PYTHONPATH for `import rebeam` without the runtime."
  @spec package :: Path.t()
  def package, do: Path.join(@root, "python")

  defp run!(command, arguments) do
    {text, status} = System.cmd(command, arguments, stderr_to_stdout: true)
    assert status == 0, "#{command} #{Enum.join(arguments, " ")} failed:\n#{text}"
  end
end

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

  @doc "Installs the Python package, without the runtime, into a folder for PYTHONPATH."
  @spec install!(Path.t()) :: Path.t()
  def install!(folder) do
    target = Path.join(folder, "installed")
    options = ["--quiet", "--no-build-isolation", "--no-deps", "--target", target]
    env = [{"REBEAM_WITHOUT_RUNTIME", "1"}]
    run!(python(), ["-m", "pip", "install"] ++ options ++ [package()], env)
    target
  end

  @doc "Variables for a process that runs under plain Python and finds `path` first."
  @spec variables([Path.t()]) :: [{String.t(), String.t() | nil}]
  def variables(path),
    do: [{"PYTHONPATH", Enum.join(path, ":")}, {"PYTHONDONTWRITEBYTECODE", "1"}]

  @doc "The folder to have on PYTHONPATH for `import rebeam` without the runtime."
  @spec package :: Path.t()
  def package, do: Path.join(@root, "python")

  @doc "Runs a command of it, which has to end well, and returns what it printed."
  @spec run!(Path.t(), [String.t()], [{String.t(), String.t() | nil}]) :: String.t()
  def run!(command, arguments, env \\ []) do
    {text, status} = System.cmd(command, arguments, stderr_to_stdout: true, env: env)
    assert status == 0, "#{command} #{Enum.join(arguments, " ")} failed:\n#{text}"
    text
  end
end

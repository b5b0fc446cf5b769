Code.require_file("precompiled.exs", __DIR__)

defmodule Mix.Tasks.Compile.RebeamNative do
  @moduledoc false
  # Runs `make native`, or takes what somebody has built, and has the Python package in `priv`. Required by mix.exs rather than kept under `lib`, because
  # it has to run before anything of this project is compiled, also when the
  # project is a dependency of another one.
  use Mix.Task.Compiler

  @libraries ["rebeam.so", "rebeam_loader.so", "rebeam_forked.so"]

  @impl true
  def run(_args), do: if(up_to_date?(), do: {:noop, []}, else: build())

  @impl true
  def manifests, do: [manifest()]

  @impl true
  def clean do
    Enum.each([manifest() | libraries()], &File.rm/1)
    File.rm_rf!(Path.join(root(), "build/native"))
    :ok
  end

  defp build do
    case Rebeam.Precompiled.fetch(root(), Path.join(root(), "priv"), Mix.Project.config()) do
      :ok -> finish(0, "")
      :none -> compile("")
      {:error, text} -> compile("the precompiled library of Re:BEAM: #{text}\n")
      {:refused, text} -> refuse("the precompiled library of Re:BEAM: #{text}\n")
    end
  end

  defp compile(before) do
    Mix.shell().info("Compiling the native library of Re:BEAM")
    {output, status} = make(System.find_executable("make"))
    output = before <> output
    if output != "", do: IO.write(:stderr, output)
    finish(status, output)
  end

  # What is another file than the package says is not made up for by compiling.
  defp refuse(text) do
    text = text <> "To compile it here: config :elixir_make, :force_build, rebeam: true\n"
    IO.write(:stderr, text)
    finish(1, text)
  end

  defp make(nil), do: {"make is not installed: apt install make\n", 127}

  defp make(executable) do
    jobs = "-j#{System.schedulers_online()}"
    arguments = ["--no-print-directory", "--silent", jobs, "native"]
    System.cmd(executable, arguments, cd: root(), env: environment(), stderr_to_stdout: true)
  end

  # A `make test` around this Mix must not lend its job server to the make below it.
  defp environment do
    include = Path.join([:code.root_dir(), "usr", "include"])
    [{"MAKEFLAGS", nil}, {"MAKELEVEL", nil}, {"MFLAGS", nil}, {"ERTS_INCLUDE_DIR", include}]
  end

  defp finish(0, _output) do
    put_python()
    # `priv` may have just come into being; Mix links it into the build folder.
    Mix.Project.build_structure()
    File.mkdir_p!(Path.dirname(manifest()))
    File.write!(manifest(), runtime())
    {:ok, []}
  end

  defp finish(_status, output), do: {:error, [diagnostic(output)]}

  # In a clone `priv/python` is a link. A package can hold none, so it has the folder alone.
  defp put_python do
    unless File.exists?(python()) do
      File.mkdir_p!(Path.dirname(python()))
      File.cp_r!(Path.join(root(), "python/rebeam"), python())
    end
  end

  defp diagnostic(output) do
    %Mix.Task.Compiler.Diagnostic{
      compiler_name: "rebeam_native",
      file: Path.join(root(), "Makefile"),
      message: output,
      position: 0,
      severity: :error
    }
  end

  # By the time of the manifest: make does not touch a library that stays the same.
  defp up_to_date? do
    Enum.all?([python() | libraries()], &File.exists?/1) and
      File.read(manifest()) == {:ok, runtime()} and
      not Mix.Utils.stale?(sources(), [manifest()])
  end

  # A library built for another runtime system is built again.
  defp runtime, do: List.to_string(:erlang.system_info(:version))

  defp manifest, do: Path.join(Mix.Project.manifest_path(), "compile.rebeam_native")
  defp libraries, do: Enum.map(@libraries, &Path.join([root(), "priv", &1]))
  defp python, do: Path.join(root(), "priv/python/rebeam")
  defp sources, do: Path.wildcard(Path.join(root(), "c_src/**/*.{c,h}")) ++ makefiles()
  defp makefiles, do: Enum.map(["Makefile", "c_src/Makefile"], &Path.join(root(), &1))

  # Not the working folder, which is the user's when the project is a dependency.
  defp root, do: Path.dirname(__DIR__)
end

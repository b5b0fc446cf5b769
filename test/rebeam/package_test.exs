defmodule Rebeam.PackageTest do
  # What a package of Re:BEAM holds, in an application that has nothing else of it.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @root File.cwd!()

  # As Hex does it: files and folders, without links.
  defp unpack(folder) do
    for pattern <- Rebeam.MixProject.project()[:package][:files],
        path <- Path.wildcard(pattern, match_dot: true) |> Enum.flat_map(&below/1) do
      File.mkdir_p!(Path.dirname(Path.join(folder, path)))
      File.cp!(path, Path.join(folder, path))
    end
  end

  defp below(path) do
    if File.dir?(path),
      do: path |> Path.join("**") |> Path.wildcard() |> Enum.reject(&File.dir?/1),
      else: [path]
  end

  defp mix!(arguments, folder) do
    env = [{"MIX_ENV", "prod"}, {"REBEAM_PYTHON", Program.python().executable}]
    {text, status} = System.cmd("mix", arguments, cd: folder, env: env, stderr_to_stdout: true)
    assert status == 0, text
    text
  end

  # As a script or a notebook has it.
  defp installed!(package) do
    script =
      Path.join(
        Program.folder(%{
          "app.exs" => """
          Mix.install([{:rebeam, path: #{inspect(package)}}])
          IO.inspect(Rebeam.eval!("__import__('rebeam').GenPy.__name__, numbers[0]", numbers: [6]))
          """
        }),
        "app.exs"
      )

    env = [
      {"MIX_INSTALL_DIR", Path.dirname(script)},
      {"REBEAM_PYTHON", Program.python().executable}
    ]

    {text, status} = System.cmd("elixir", [script], env: env, stderr_to_stdout: true)
    assert status == 0, text
    refute text =~ "warning"
    text
  end

  @tag :large
  @tag timeout: 1_800_000
  test "is all that an application and its release need" do
    assert File.cwd!() == @root

    folder =
      Program.folder(%{
        "app/mix.exs" => """
        defmodule App.MixProject do
          use Mix.Project
          def project, do: [app: :app, version: "0.1.0", deps: [{:rebeam, path: "../rebeam"}]]
          def application, do: []
        end
        """,
        "app/lib/app.ex" => """
        defmodule App do
          def run, do: IO.inspect(Rebeam.eval!("from rebeam import GenPy\\nGenPy.__name__, numbers[0]", numbers: [6]))
        end
        """
      })

    unpack(Path.join(folder, "rebeam"))
    app = Path.join(folder, "app")
    refute mix!(["compile"], app) =~ "warning"
    assert mix!(["run", "-e", "App.run()"], app) =~ ~s({"GenPy", 6})
    assert installed!(Path.join(folder, "rebeam")) =~ ~s({"GenPy", 6})
    mix!(["release", "--quiet"], app)
    # Of the folder of the package nothing is needed any more.
    File.rm_rf!(Path.join(folder, "rebeam"))
    env = [{"REBEAM_PYTHON", Program.python().executable}]
    release = Path.join(app, "_build/prod/rel/app/bin/app")
    code = "{:ok, _} = Application.ensure_all_started(:rebeam); App.run()"
    assert {text, 0} = System.cmd(release, ["eval", code], env: env, stderr_to_stdout: true)
    assert text =~ ~s({"GenPy", 6})
  end

  @tag :slow
  test "without Python.h says what to do" do
    folder = Program.folder()

    arguments = [
      "-C",
      "c_src",
      "BUILD=#{folder}/build",
      "PRIV=#{folder}",
      "PYTHON_INCLUDE=/nowhere"
    ]

    assert {text, 2} = System.cmd("make", arguments, stderr_to_stdout: true)
    assert text =~ ~s(no Python.h in "/nowhere": apt install libpython3-dev, or REBEAM_PYTHON=)
  end
end

defmodule Rebeam.Python.WheelTest do
  # `pip install rebeam`, in an environment of each interpreter there is.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, InterpreterProgram, Program, Release}

  @moduletag :large
  @most 12_000_000

  setup_all do
    folder = Path.join(System.tmp_dir!(), "rebeam-wheel-#{System.pid()}")
    on_exit(fn -> File.rm_rf!(folder) end)
    options = ["--quiet", "--no-build-isolation", "--no-deps", "--wheel-dir", folder]

    Environment.run!(
      Environment.python(),
      ["-m", "pip", "wheel"] ++ options ++ [Environment.package()],
      [{"REBEAM_RELEASE", Release.folder()}]
    )

    [wheel] = Path.wildcard(folder <> "/*.whl")
    %{wheel: wheel}
  end

  test "one file for every CPython, small, its tag right", %{wheel: wheel} do
    version = Mix.Project.config()[:version]
    assert Path.basename(wheel) =~ ~r/^rebeam-#{version}-py3-none-manylinux_2_\d+_\w+\.whl$/
    assert File.stat!(wheel).size < @most
    shown = Environment.run!(Environment.python(), ["-m", "auditwheel", "show", wheel])

    [_, needed] =
      Regex.run(~r/"manylinux_2_(\d+)_/, shown |> String.split("following") |> List.last())

    [_, said] = Regex.run(~r/manylinux_2_(\d+)_/, wheel)
    assert String.to_integer(needed) <= String.to_integer(said), shown
  end

  others = for python <- InterpreterProgram.pythons(), do: python.executable

  for python <- Enum.uniq([Program.python().executable | others]) do
    test "#{python}: the command runs that environment's Python and packages", %{wheel: wheel} do
      folder = Path.join(Program.folder(), "an environment")
      Environment.run!(unquote(python), ["-m", "venv", folder])
      pip = Path.join(folder, "bin/pip")
      Environment.run!(pip, ["install", "--quiet", "--no-index", wheel])

      main = Path.join(folder, "main.py")

      File.write!(main, """
      import sys
      from rebeam import GenPy, Supervisor, call, child, receive

      class Echo(GenPy):
          @receive("where")
          def where(self):
              return sys.prefix, sys.executable

      def ask():
          print(call("echo", "where")[1])

      if __name__ == "__main__":
          ask = child(ask, restart="transient", significant=True)
          Supervisor([child(Echo(), name="echo"), ask])
      """)

      expected = "('#{folder}', '#{folder}/bin/python3')\n"
      assert Release.run([Path.join(folder, "bin/rebeam"), main]) == {expected, 0}
      # Another environment that is active does not count: the command is of this one.
      env = [{"VIRTUAL_ENV", "/nowhere"}]
      assert Release.run([Path.join(folder, "bin/rebeam"), main], env: env) == {expected, 0}

      # As tools that are installed for all projects are: a link, and the active environment counts.
      link = Path.join(folder, "rebeam")
      File.ln_s!("bin/rebeam", link)
      env = [{"VIRTUAL_ENV", folder}]
      assert Release.run([link, main], env: env) == {expected, 0}

      typed =
        "import rebeam, pathlib; print(pathlib.Path(rebeam.__file__, '../py.typed').resolve().exists())"

      assert Release.run([Path.join(folder, "bin/python"), "-c", typed]) == {"True\n", 0}
      Environment.run!(pip, ["uninstall", "--quiet", "--yes", "rebeam"])
      refute File.exists?(Path.join(folder, "bin/rebeam"))
      assert Path.wildcard(Path.join(folder, "lib/rebeam/**/*.beam")) == []
    end
  end
end

defmodule Rebeam.CLI.ScriptPackagesTest do
  # Packages that a script names. uv is played by a script that writes down what it was asked.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @block """
  # /// script
  # requires-python = ">=3.11"
  # dependencies = [
  #   "six",
  # ]
  # ///
  import sys
  print(sys.argv[1:])
  """

  # As uv does: `sync` makes an environment, `python find` says where its interpreter is.
  defp uv(folder, status \\ 0) do
    text = """
    #!/bin/sh
    echo "$@" >> #{folder}/asked
    echo "Creating an environment" >&2
    [ "$1" = sync ] && exit #{status}
    echo "#{Program.python().executable}"
    """

    path = Path.join(folder, "bin/uv")
    File.mkdir_p!(Path.dirname(path))
    File.write!(path, text)
    File.chmod!(path, 0o755)
    {"PATH", Path.dirname(path) <> ":" <> System.get_env("PATH")}
  end

  defp run(script, env, options \\ []) do
    folder = Program.folder(%{"main.py" => script})
    path = Path.join(folder, "main.py")
    words = options ++ [path, "a"]
    {Program.run({:words, words}, own: true, env: [{"REBEAM_PYTHON", nil} | env]), path}
  end

  @tag :slow
  test "uv is asked for an environment with them, unless an interpreter was chosen" do
    folder = Program.folder()
    {result, path} = run(@block, [uv(folder)])
    assert {result.out, result.status} == {"['a']\n", 0}
    asked = File.read!(Path.join(folder, "asked"))
    assert asked == "sync --quiet --script #{path}\npython find --script #{path}\n"

    folder = Program.folder()
    {result, _} = run(@block, [uv(folder)], ["--python", Program.python().executable])
    assert {result.out, result.err, result.status} == {"['a']\n", "", 0}
    refute File.exists?(Path.join(folder, "asked"))
  end

  @tag :slow
  test "a script that names none asks nobody" do
    for block <- [
          "",
          "# /// script\n# dependencies = []\n# ///\n",
          "# /// other\n# dependencies = [\"six\"]\n# ///\n",
          "text = '''\n # /// script\n # dependencies = [\"six\"]\n # ///\n'''\n"
        ] do
      folder = Program.folder()
      python = {"VIRTUAL_ENV", Path.dirname(Path.dirname(Program.python().executable))}
      {result, _} = run(block <> "print(1)\n", [uv(folder), python])
      assert {result.out, result.err} == {"1\n", ""}
      refute File.exists?(Path.join(folder, "asked"))
    end
  end

  test "without uv a line says what it is for; where uv fails, the program does not run" do
    python = {"VIRTUAL_ENV", Path.dirname(Path.dirname(Program.python().executable))}
    {result, path} = run(@block, [{"PATH", "/usr/bin:/bin"}, python])
    assert {result.out, result.status} == {"['a']\n", 0}

    assert result.err ==
             "rebeam: #{path} names packages that it needs; to have them installed, install uv\n"

    {result, path} = run(@block, [uv(Program.folder(), 2)])
    assert {result.out, result.status} == {"", 2}

    assert result.err ==
             "Creating an environment\n" <>
               "rebeam: uv sync --quiet --script #{path} ended with status 2\n"
  end
end

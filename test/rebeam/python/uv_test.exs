defmodule Rebeam.Python.UvTest do
  # `config :rebeam, python: :uv`, with a uv that writes down what it is asked for.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @uv """
  #!/bin/sh
  echo "$*" >>"$(dirname "$0")/asked"
  case "$2" in
  install) touch "$(dirname "$0")/there" ;;
  find) [ -e "$(dirname "$0")/there" ] && echo "$PYTHON_UNDER_TEST" && exit
        echo "error: No interpreter found" >&2 && exit 2 ;;
  esac
  """

  defp run(folder) do
    code = """
    Application.put_env(:rebeam, :python, :uv)
    IO.inspect(Rebeam.eval("import sys\\nsys.executable"))
    """

    env = [{"PATH", folder <> ":" <> System.fetch_env!("PATH")}, {"REBEAM_PYTHON", "/nowhere"}]
    Program.elixir(code, env: env, cd: folder)
  end

  @tag :slow
  test "fetches a Python if there is none" do
    folder = Program.folder(%{"uv" => @uv})
    File.chmod!(Path.join(folder, "uv"), 0o755)
    found = ~s({:ok, "#{Program.python().executable}"}\n)
    assert run(folder).out == found
    assert run(folder).out == found
    find = "python find --python-preference only-managed >=3.11,<3.15"
    asked = folder |> Path.join("asked") |> File.read!() |> String.split("\n", trim: true)
    assert Enum.uniq(asked) == [find, "python install 3.13"]
  end

  test "says what is missing" do
    folder = Program.folder(%{"uv" => "#!/bin/sh\necho 'error: no network' >&2\nexit 1\n"})
    File.chmod!(Path.join(folder, "uv"), 0o755)
    assert run(folder).out =~ "uv python install failed (status 1): error: no network"
    assert Rebeam.Python.Uv.python() == {:error, missing()} or System.find_executable("uv") != nil
  end

  defp missing do
    "python: :uv wants uv, which is not on PATH: https://docs.astral.sh/uv, or name an interpreter"
  end
end

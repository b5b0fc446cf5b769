defmodule Rebeam.Program.PythonTest do
  # Not async: reads the environment.
  use ExUnit.Case

  alias Rebeam.Python

  setup do
    saved = Map.new(~w(REBEAM_PYTHON VIRTUAL_ENV), &{&1, System.get_env(&1)})
    System.delete_env("REBEAM_PYTHON")
    System.delete_env("VIRTUAL_ENV")

    on_exit(fn ->
      Enum.each(saved, fn {name, value} -> value && System.put_env(name, value) end)
    end)

    # The interpreter that the suite is run under.
    {:ok, python} = Python.find(python: saved["REBEAM_PYTHON"])
    %{folder: Rebeam.Program.folder(), python: python}
  end

  # An environment, as far as finding it goes.
  defp environment(folder, python) do
    File.mkdir_p!(Path.join(folder, "bin"))
    File.ln_s!(python.executable, Path.join(folder, "bin/python3"))
    File.write!(Path.join(folder, "pyvenv.cfg"), "home = #{Path.dirname(python.executable)}\n")
    folder
  end

  # A program that answers the probe as an interpreter of the given kind would.
  defp pretend(folder, answers) do
    path = Path.join(folder, "python3")
    text = Enum.join(answers, "\n")
    File.write!(path, "#!/bin/sh\ncat <<'END' | head -c -1\n#{text}\nEND\n")
    File.chmod!(path, 0o755)
    path
  end

  defp answers(version, options) do
    base = Keyword.get(options, :base, "/nowhere")
    free_threaded = Keyword.get(options, :free_threaded, "0")
    ["/nowhere/python3", version, base, base, free_threaded, "/nowhere/lib", "", "x.a", ""]
  end

  test "finds a real interpreter and its library", %{python: python} do
    assert File.regular?(python.executable)
    assert File.regular?(python.libpython)
    assert python.version =~ ~r/^3\.\d+\.\d+$/
    assert {:ok, ^python} = Python.find(python: python.executable)
  end

  test "takes the folder of an environment, and says that it is one", context do
    folder = environment(context.folder, context.python)
    assert {:ok, found} = Python.find(python: folder)
    assert found.prefix == folder
    assert found.executable == Path.join(folder, "bin/python3")
    assert found.libpython == context.python.libpython
  end

  test "the option comes before the variables, those before a .venv", context do
    beside = environment(Path.join(context.folder, ".venv"), context.python)
    active = environment(Path.join(context.folder, "active"), context.python)
    chosen = environment(Path.join(context.folder, "chosen"), context.python)
    script = Path.join(context.folder, "main.py")

    assert {:ok, %{prefix: ^beside}} = Python.find(script: script)
    System.put_env("VIRTUAL_ENV", active)
    assert {:ok, %{prefix: ^active}} = Python.find(script: script)
    System.put_env("REBEAM_PYTHON", chosen)
    assert {:ok, %{prefix: ^chosen}} = Python.find(script: script)
    assert {:ok, found} = Python.find(script: script, python: context.python.executable)
    assert found == context.python
  after
    System.delete_env("VIRTUAL_ENV")
    System.delete_env("REBEAM_PYTHON")
  end

  test "what is not there is named together with who asked for it" do
    assert Python.find(python: "/nowhere") ==
             {:error, ~s(--python: no Python interpreter at "/nowhere")}

    System.put_env("REBEAM_PYTHON", "/nowhere")
    assert {:error, "$REBEAM_PYTHON: " <> _} = Python.find([])
  after
    System.delete_env("REBEAM_PYTHON")
  end

  test "an old interpreter is refused", %{folder: folder} do
    assert {:error, text} = Python.find(python: pretend(folder, answers("3.10.13", [])))
    assert text =~ "is Python 3.10.13; Re:BEAM needs 3.11 or newer"
  end

  test "a free-threaded interpreter is refused", %{folder: folder} do
    python = pretend(folder, answers("3.13.0", free_threaded: "1"))
    assert {:error, text} = Python.find(python: python)
    assert text =~ "free-threaded"
  end

  test "without a shared library, the error says what to install", %{folder: folder} do
    static = &Python.find(python: pretend(folder, answers("3.99.1", base: &1)))
    assert {:error, text} = static.("/home/me/.pyenv/versions/3.99.1")
    assert text =~ "--enable-shared pyenv install --force 3.99.1"
    assert {:error, text} = static.("/opt/python")
    assert text =~ "without --enable-shared"
    assert {:error, text} = static.("/usr")
    assert text =~ "libpython3.99"
  end

  test "what is no interpreter is shown with its own words", %{folder: folder} do
    path = Path.join(folder, "broken")
    File.write!(path, "#!/bin/sh\necho no such thing >&2\nexit 7\n")
    File.chmod!(path, 0o755)
    assert {:error, text} = Python.find(python: path)
    assert text =~ "(status 7): no such thing"
  end
end

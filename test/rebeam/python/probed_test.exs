defmodule Rebeam.Python.ProbedTest do
  # Not async: sets the environment.
  use ExUnit.Case

  alias Rebeam.Program
  alias Rebeam.Python.Probed

  setup do
    folder = Program.folder()
    names = ~w(XDG_CACHE_HOME HOME PYENV_VERSION)
    saved = Map.new(names, &{&1, System.get_env(&1)})

    on_exit(fn ->
      for {name, nil} <- saved, do: System.delete_env(name)
      for {name, value} when value != nil <- saved, do: System.put_env(name, value)
    end)

    System.put_env("XDG_CACHE_HOME", Path.join(folder, "cache"))
    System.delete_env("PYENV_VERSION")
    %{folder: folder}
  end

  # Asks, and says which of `ask`'s answers it got: the first is 0.
  defp answer(executable) do
    counter = Process.get(:asked, 0)

    ask = fn ->
      Process.put(:asked, counter + 1)
      {:ok, [executable, "answer #{counter}", ""]}
    end

    {:ok, [^executable, text, ""]} = Probed.keep(executable, 3, ask)
    text
  end

  defp program(folder, name \\ "bin/python3", content \\ <<0x7F, "ELF", "first">>) do
    path = Path.join(folder, name)
    File.mkdir_p!(Path.dirname(path))
    File.write!(path, content)
    path
  end

  test "an interpreter is asked once, and again when it is another file", %{folder: folder} do
    python = program(folder)
    assert answer(python) == "answer 0"
    assert answer(python) == "answer 0"
    program(folder, "bin/python3", <<0x7F, "ELF", "another">>)
    assert answer(python) == "answer 1"
    assert answer(python) == "answer 1"
  end

  test "and when its environment is another", %{folder: folder} do
    python = program(folder)
    assert answer(python) == "answer 0"
    File.write!(Path.join(folder, "pyvenv.cfg"), "home = /elsewhere\n")
    assert answer(python) == "answer 1"
    assert answer(python) == "answer 1"
  end

  test "a link means what it leads to now", %{folder: folder} do
    link = Path.join(folder, "python3")
    File.ln_s!(program(folder, "one/python3"), link)
    assert answer(link) == "answer 0"
    File.rm!(link)
    File.ln_s!(program(folder, "two/python3", <<0x7F, "ELF", "the other">>), link)
    assert answer(link) == "answer 1"
  end

  test "a script that finds an interpreter is asked each time", %{folder: folder} do
    script = program(folder, "bin/python3", "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n")
    assert answer(script) == "answer 0"
    assert answer(script) == "answer 1"
  end

  test "pyenv's is asked when the version is another", %{folder: folder} do
    shim = program(folder, "root/shims/python3", "#!/bin/sh\n")
    File.write!(Path.join(folder, "root/version"), "3.11.7\n")
    project = Path.join(folder, "project/inner")
    File.mkdir_p!(project)

    File.cd!(project, fn ->
      assert [answer(shim), answer(shim)] == ["answer 0", "answer 0"]
      File.write!(Path.join(folder, "project/.python-version"), "3.12.1\n")
      assert [answer(shim), answer(shim)] == ["answer 1", "answer 1"]
      System.put_env("PYENV_VERSION", "3.13.0")
      assert [answer(shim), answer(shim)] == ["answer 2", "answer 2"]
      System.delete_env("PYENV_VERSION")
      File.write!(Path.join(folder, "root/version"), "3.13.0\n")
      assert answer(shim) == "answer 3"
    end)
  end

  test "what does not answer is not kept, and damaged files are not believed", %{folder: folder} do
    python = program(folder)
    assert Probed.keep(python, 3, fn -> {:error, "no"} end) == {:error, "no"}
    assert answer(python) == "answer 0"

    [file] = Path.wildcard(Path.join(folder, "cache/rebeam/pythons/*"))
    right = File.read!(file)
    cut = binary_part(right, 0, byte_size(right) - 2)

    # As long as it was, which may be a library that there is not.
    other = String.replace(right, "answer", "Answer")

    for damaged <- [cut, other, right <> "\n", "", "\n\n\n\n\n\n\n", <<0xFF, 0>>, "rebeam 1"] do
      File.write!(file, damaged)
      asked = Process.get(:asked)
      assert answer(python) == "answer #{asked}"
    end
  end

  test "without a folder to keep it in, it is asked", %{folder: folder} do
    python = program(folder)
    System.delete_env("XDG_CACHE_HOME")
    System.delete_env("HOME")
    assert [answer(python), answer(python)] == ["answer 0", "answer 1"]
    System.put_env("XDG_CACHE_HOME", program(folder, "no folder"))
    assert [answer(python), answer(python)] == ["answer 2", "answer 3"]
  end
end

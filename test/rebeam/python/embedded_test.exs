defmodule Rebeam.Python.EmbeddedTest do
  # Another library that embeds a CPython in the same VM.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @other Path.expand("../../c_src/embed/other.c", __DIR__)

  @tag :slow
  test "that was first is one clear error, and the VM lives" do
    folder = Program.folder(%{"main.py" => "print(1)\n"})
    include = Path.join([:code.root_dir(), "usr", "include"])
    library = Path.join(folder, "other")
    arguments = ["-shared", "-fPIC", "-I", include, "-o", library <> ".so", @other, "-ldl"]
    assert {"", 0} = System.cmd("cc", arguments, stderr_to_stdout: true)

    # The same libpython, or another one.
    for python <- [Program.python() | InterpreterProgram.pythons()] do
      code = """
      defmodule Other do
        @on_load :load
        def load, do: :erlang.load_nif(~c"#{library}", 0)
        def start(_path), do: :erlang.nif_error(:not_loaded)
      end

      :ok = Other.start(~c"#{python.libpython}")

      for start <- [&Rebeam.start_link/1, &Rebeam.start_link/1] do
        {:error, text} = start.(script: "main.py")
        IO.puts(text)
      end

      {:error, text} = Rebeam.eval("1")
      IO.puts(text)
      IO.inspect(Rebeam.info().actors)
      """

      result = Program.elixir(code, cd: folder)
      assert result.status == 0, result.out <> result.err
      assert [text, text, text, "0"] = String.split(result.out, "\n", trim: true)
      assert text =~ "#{python.libpython} runs in this VM already, started by another library"
    end
  end
end

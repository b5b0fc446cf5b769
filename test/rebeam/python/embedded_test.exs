defmodule Rebeam.Python.EmbeddedTest do
  # Another library that embeds a CPython in the same VM.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program, PythonxBuild}

  @other Path.expand("../../c_src/embed/other.c", __DIR__)

  # What has it, as Elixir code.
  defp other do
    folder = Program.folder()
    include = Path.join([:code.root_dir(), "usr", "include"])
    library = Path.join(folder, "other")
    arguments = ["-shared", "-fPIC", "-I", include, "-o", library <> ".so", @other, "-ldl"]
    assert {"", 0} = System.cmd("cc", arguments, stderr_to_stdout: true)

    """
    defmodule Other do
      @on_load :load
      def load, do: :erlang.load_nif(~c"#{library}", 0)
      def start(_path), do: :erlang.nif_error(:not_loaded)
    end
    """
  end

  @tag :slow
  test "that was first is one clear error, and the VM lives" do
    folder = Program.folder(%{"main.py" => "print(1)\n"})
    other = other()

    # The same libpython, or another one.
    for python <- [Program.python() | InterpreterProgram.pythons()] do
      code = """
      #{other}
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
      assert text =~ "python_host: :process"
    end
  end

  @tag :slow
  test "goes with python_host: :process, in either order" do
    other = other()
    start = ~s|:ok = Other.start(~c"#{Program.python().libpython}")\n|
    ours = ~s|{:ok, 3} = Rebeam.eval("sum(n)", n: [1, 2])\n|

    for {order, code} <- [before: start <> ours, afterwards: ours <> start <> ours] do
      name = "beside_#{order}_#{System.pid()}"
      flags = "+fnu -sname #{name} -rebeam python_host process"
      result = Program.elixir(other <> code, env: [{"ELIXIR_ERL_OPTIONS", flags}])
      assert result.status == 0, result.out <> result.err
    end
  end

  describe "Pythonx" do
    @describetag :slow
    @describetag skip: PythonxBuild.lack()

    # Values through both, and what each of them waits for: a thread and an actor.
    @both """
    theirs = fn ->
      {value, _} = apply(Pythonx, :eval, ["import os\n(os.getpid(), n + 1)", %{"n" => 1}])
      apply(Pythonx, :decode, [value])
    end

    ours = fn ->
      {:ok, value} = Rebeam.eval("import os\n[os.getpid(), sum(n)]", n: [1, 2])
      value
    end

    check = fn ->
      own = String.to_integer(System.pid())
      {^own, 2} = theirs.()
      [other, 3] = ours.()
      true = other != own
      {:ok, script} = Rebeam.start_link(script: "main.py")
      {:ok, 5} = Rebeam.call("adder", "add", [2, 3])
      {^own, 2} = theirs.()
      :ok = Rebeam.stop(script)
    end
    """

    @adder """
    from rebeam import GenPy, Supervisor, receive

    class Adder(GenPy):
        name = "adder"

        @receive("add")
        def add(self, message):
            return sum(message)

    Supervisor([Adder()])
    """

    test "that was first is one clear error, and goes on" do
      for python <- [Program.python() | InterpreterProgram.pythons()] do
        code = """
        {:error, text} = Rebeam.eval("1")
        IO.puts(text)
        {:error, ^text} = Rebeam.start_link(script: "main.py")
        {value, _} = apply(Pythonx, :eval, ["6 * 7", %{}])
        IO.inspect(apply(Pythonx, :decode, [value]))
        """

        result =
          Program.elixir(PythonxBuild.prelude() <> PythonxBuild.start(python) <> code,
            cd: Program.folder(%{"main.py" => @adder}),
            limit: 240
          )

        assert result.status == 0, result.out <> result.err
        assert [text, "42"] = String.split(result.out, "\n", trim: true)
        assert text =~ "#{python.libpython} runs in this VM already, started by another library"
        assert text =~ "python_host: :process"
      end
    end

    # The same libpython, or another one than Re:BEAM's.
    test "goes with python_host: :process, in either order" do
      pythons = [Program.python() | InterpreterProgram.pythons()]

      for {python, n} <- Enum.with_index(pythons), order <- [:before, :afterwards] do
        start = PythonxBuild.start(python)
        begin = if order == :before, do: start, else: "[_, 3] = ours.()\n" <> start
        flags = "+fnu -sname #{order}_#{n}_#{System.pid()} -rebeam python_host process"

        result =
          Program.elixir(
            PythonxBuild.prelude() <> @both <> begin <> "check.()\ncheck.()\n",
            cd: Program.folder(%{"main.py" => @adder}),
            env: [{"ELIXIR_ERL_OPTIONS", flags}],
            limit: 240
          )

        assert result.status == 0, result.out <> result.err
      end
    end
  end
end

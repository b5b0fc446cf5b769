defmodule Rebeam.Python.RuntimeTest do
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "a start that was refused leaves nothing to the next one" do
    code = """
    python = System.fetch_env!("PYTHON_UNDER_TEST")
    {:ok, %{libpython: library}} = Rebeam.Python.find(python: python)
    :ok = Rebeam.Loader.open(library)
    :ok = Rebeam.Native.load()

    for arguments <- [["first", "start"], ["second", :start], []] do
      try do
        Rebeam.Native.python_start([python | arguments], :no_folder)
      rescue
        ArgumentError -> IO.puts("refused")
      end
    end

    :ok = Rebeam.Python.Runtime.start([python: python], ["main.py"])
    System.stop(0)
    """

    result = Program.elixir(code)
    assert {result.status, result.err} == {0, ""}
    assert result.out == "refused\nrefused\nrefused\n"
  end
end

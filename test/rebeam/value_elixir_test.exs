defmodule Rebeam.ValueElixirTest do
  # Values of Python in Elixir, and back.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @values Path.expand("../value", __DIR__)
  @number String.to_integer(System.get_env("REBEAM_VALUES", "2000"))

  @echo """
  defmodule Echo do
    use GenServer
    def init(nil), do: {:ok, []}
    def handle_call(:kept, _, kept), do: {:reply, kept, kept}
    def handle_call({:keep, value}, _, kept), do: {:reply, :ok, [value | kept]}
    def handle_call(value, _, kept), do: {:reply, value, kept}
  end
  {:ok, _} = GenServer.start(Echo, nil, name: Echo)
  """

  @tag timeout: 1_800_000
  test "random values come back" do
    code = """
    #{@echo}
    :ok = Rebeam.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Script.start_link("script", System.fetch_env!("SCRIPT"))
    receive do
      {:rebeam_script, ^script, {:status, status}, _} -> IO.puts("status \#{status}")
    end
    """

    env = [
      {"PYTHON_UNDER_TEST", Program.python().executable},
      {"SCRIPT", Path.join(@values, "through_elixir.py")},
      {"REBEAM_VALUE_TESTS", @values},
      {"REBEAM_VALUES", "#{@number}"}
    ]

    result = Program.elixir(code, env: env, limit: 1_700)
    expected = "wrong 0 of #{@number} impossible below half True\nstatus 0\n"
    assert %{out: ^expected, err: ""} = result
  end
end

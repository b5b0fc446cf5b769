defmodule Rebeam.Value.ElixirTest do
  # Values of Python in Elixir, and back.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @values Path.expand("../../c_src/value", __DIR__)
  @number String.to_integer(System.get_env("REBEAM_VALUES", "2000"))

  @echo """
  defmodule Echo do
    use GenServer
    def init(nil), do: {:ok, nil}
    def handle_call(value, _, nil), do: {:reply, value, nil}
  end
  {:ok, _} = GenServer.start(Echo, nil, name: Echo)
  """

  @start_here """
  {_, _} = Code.eval_string(System.fetch_env!("ECHO"))
  echo = node()
  """

  @start_far """
  [name | _] = node() |> to_string() |> String.split("@")
  # A node without Re:BEAM.
  paths = Enum.flat_map(:code.get_path(), &if(&1 |> to_string() =~ "rebeam", do: [], else: [~c"-pa", &1]))
  {:ok, _, echo} = :peer.start_link(%{name: :"\#{name}-echo", args: paths})
  {:ok, _} = :erpc.call(echo, :application, :ensure_all_started, [:elixir])
  {_, _} = :erpc.call(echo, Code, :eval_string, [System.fetch_env!("ECHO")])
  """

  @run """
  arguments = ["main.py", to_string(echo), System.fetch_env!("ISOLATION")]
  :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], arguments)
  {:ok, script} = Rebeam.Program.Script.start_link("script", System.fetch_env!("SCRIPT"))
  receive do
    {:rebeam_script, ^script, {:status, status}, _} -> IO.puts("status \#{status}")
  end
  """

  for {title, isolation, start, apart} <- [
        {"from Python to Elixir and back", "shared", @start_here, "False"},
        {"from Python in a unit to Elixir and back", "process", @start_here, "True"},
        {"from Python to Elixir on another node and back", "shared", @start_far, "True"}
      ] do
    @tag timeout: 1_800_000
    @tag :slow
    test "random values come back, #{title}" do
      name = "rebeam#{System.pid()}#{System.unique_integer([:positive])}"

      env = [
        {"ELIXIR_ERL_OPTIONS", "-sname #{name}"},
        {"ECHO", @echo},
        {"SCRIPT", Path.join(@values, "through_elixir.py")},
        {"REBEAM_VALUE_TESTS", @values},
        {"REBEAM_VALUES", "#{@number}"},
        {"ISOLATION", unquote(isolation)}
      ]

      result = Program.elixir(unquote(start) <> @run, env: env, limit: 1_700)

      expected =
        "wrong 0 of #{@number} impossible below half True apart #{unquote(apart)}\nstatus 0\n"

      assert %{out: ^expected, err: ""} = result
    end
  end
end

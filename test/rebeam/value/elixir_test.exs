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

  @shown ~S"""
  import datetime, zoneinfo
  from datetime import timedelta, timezone
  from rebeam import *

  BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
  SPANS = [timedelta(*each) for each in ((0,), (1, 1), (-2, 1, 1), (0, 3723, 4))]
  ZONES = [timezone.utc, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(0, 1, 2)),
           timezone(timedelta(hours=-5), "EST"), BERLIN]
  CLOCKS = [datetime.time(1, 2, 3, 4, timezone.utc), datetime.time(1, tzinfo=BERLIN),
            datetime.time(1, tzinfo=ZONES[3]), datetime.datetime(2024, 2, 3, 4, 5, 6, 7, ZONES[2])]

  class Shown(GenPy):
      name = "shown"
      @receive("values")
      def values(self):
          return SPANS + ZONES + CLOCKS
      @receive("texts")
      def texts(self):
          return [str(each) for each in SPANS + ZONES + CLOCKS]
      @receive("same")
      def same(self, message):
          return message == SPANS + ZONES + CLOCKS and message[8] is BERLIN

  run_register_process(Shown)
  sleep(1000)
  """

  test "spans of time, zones, and clocks that Elixir has no term for show as Python shows them" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, _} = Rebeam.Program.Script.start_link("script", "main.py")
    shown = wait_until(fn -> Rebeam.whereis("shown") end)
    {:ok, values} = Rebeam.call(shown, "values", nil)
    {:ok, texts} = Rebeam.call(shown, "texts", nil)
    for {value, text} <- Enum.zip(values, texts) do
      if value.text != text, do: IO.puts("\#{value.text} is not \#{text}")
    end
    IO.inspect(Enum.map(values, & &1.type) |> Enum.frequencies())
    IO.inspect(Rebeam.call(shown, "same", values))
    IO.inspect(Rebeam.Value.unpack(Rebeam.Value.pack!(values)) == {:ok, values})
    """

    result = Program.elixir(code, cd: Program.folder(%{"main.py" => @shown}))

    assert result.err == ""

    assert result.out == """
           01:00:00 Europe/Berlin is not 01:00:00
           %{
             "datetime.datetime" => 1,
             "datetime.time" => 3,
             "datetime.timedelta" => 4,
             "datetime.timezone" => 4,
             "zoneinfo.ZoneInfo" => 1
           }
           {:ok, true}
           true
           """
  end

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

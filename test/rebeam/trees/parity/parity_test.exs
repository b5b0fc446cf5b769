Code.require_file("table.exs", __DIR__)

defmodule Rebeam.Trees.ParityTest do
  # What OTP's documentation says of supervisors (table.exs), once with Elixir's own children
  # and supervisors, once with Python's, and once with a Python tree that is started in one
  # that runs. All run in one VM (run.exs); here is what each was seen to do.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # Observed in a fresh VM before the first test.
  setup_all do
    folder = Path.join(System.tmp_dir!(), "rebeam-parity-#{System.pid()}")
    File.mkdir_p!(folder)
    on_exit(fn -> File.rm_rf!(folder) end)
    out = Path.join(folder, "observed")
    here = __DIR__

    code = """
    System.argv([#{inspect(Path.join(here, "driver.py"))}, #{inspect(out)}])
    Code.require_file(#{inspect(Path.join(here, "run.exs"))})
    """

    result = Program.elixir(code, limit: 150)
    assert %{status: 0} = result
    %{observed: out |> File.read!() |> :erlang.binary_to_term()}
  end

  for {name, _tree, steps} <- Parity.Table.rows() do
    expected = Enum.flat_map(steps, &elem(&1, 1))

    for side <- [:elixir, :python, :added] do
      test "#{name} (#{side})", %{observed: observed} do
        assert observed[{unquote(name), unquote(side)}] == unquote(expected)
      end
    end
  end
end

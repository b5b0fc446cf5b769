defmodule Rebeam.Units.MachineTest do
  use ExUnit.Case, async: true

  alias Rebeam.Python.Runtime
  alias Rebeam.Units.Machine

  test "a machine that differs is refused, with what differs" do
    :ok = Runtime.ensure()
    own = %{version: Machine.version(), python_version: Runtime.version(), python: "/its/python"}
    assert Machine.check(own) == :ok
    assert Machine.check(%{own | python_version: minor() <> ".99"}) == :ok

    assert {:error, text} = Machine.check(%{own | python_version: "3.99.1"})
    assert text =~ "its Python is 3.99.1 (/its/python), the program's #{Runtime.version()}: both "
    assert text =~ "have to be #{minor()} (--python)"

    assert Machine.check(%{own | version: "0.0.7"}) ==
             {:error, "it has Re:BEAM 0.0.7, the program #{Machine.version()}"}
  end

  defp minor, do: Runtime.version() |> String.split(".") |> Enum.take(2) |> Enum.join(".")
end

defmodule Rebeam.Units.AddressTest do
  # Not async: sets the environment.
  use ExUnit.Case

  alias Rebeam.Ports
  alias Rebeam.Units.Address

  test "where there is no epmd, a node with a name says so" do
    for {name, value} <- [{"BINDIR", "/nowhere"}, {"ERL_EPMD_PORT", "#{Ports.free()}"}] do
      saved = System.get_env(name)
      on_exit(fn -> if saved, do: System.put_env(name, saved), else: System.delete_env(name) end)
      System.put_env(name, value)
    end

    assert Address.start_named("a@127.0.0.1", :longnames, nil, %{listen: "127.0.0.1"}) ==
             {:error, "/nowhere/epmd, by which nodes find each other, does not run: enoent"}
  end
end

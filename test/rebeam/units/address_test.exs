defmodule Rebeam.Units.AddressTest do
  # Not async: sets the environment.
  use ExUnit.Case

  alias Rebeam.Units.Address

  test "where there is no epmd, a node with a name says so" do
    saved = System.get_env("BINDIR")
    on_exit(fn -> if saved, do: System.put_env("BINDIR", saved) end)
    System.put_env("BINDIR", "/nowhere")

    assert Address.start_named("a@127.0.0.1", :longnames, nil, %{listen: "127.0.0.1"}) ==
             {:error, "/nowhere/epmd, by which nodes find each other, does not run: enoent"}
  end
end

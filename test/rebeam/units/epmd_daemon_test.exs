defmodule Rebeam.Units.EpmdDaemonTest do
  # Not async: sets the environment.
  use ExUnit.Case

  alias Rebeam.Program
  alias Rebeam.Units.EpmdDaemon

  # A daemon that answers when it was asked that often after its start; it notes what it was told.
  defp daemon(answers_after) do
    folder = Program.folder()
    epmd = Path.join(folder, "epmd")

    File.write!(epmd, """
    #!/bin/sh
    cd #{folder}
    echo "$@" >> told
    grep -q daemon told && test $(grep -c names told) -gt #{answers_after}
    """)

    File.chmod!(epmd, 0o755)
    saved = System.get_env("BINDIR")

    on_exit(fn ->
      if saved, do: System.put_env("BINDIR", saved), else: System.delete_env("BINDIR")
    end)

    System.put_env("BINDIR", folder)
    fn -> folder |> Path.join("told") |> File.read!() |> String.split("\n", trim: true) end
  end

  test "it is there when it answers, and not when its command has returned" do
    told = daemon(3)
    assert EpmdDaemon.start() == :ok
    assert told.() == ["-names", "-daemon", "-names", "-names", "-names"]
    assert EpmdDaemon.start() == :ok
    assert told.() == ["-names", "-daemon", "-names", "-names", "-names", "-names"]
  end

  @tag :slow
  test "one that never answers is an error" do
    daemon(1_000_000)
    assert {:error, text} = EpmdDaemon.start()
    assert text =~ ~r"/epmd, by which nodes find each other, does not answer$"
  end

  test "so is one that is not there" do
    daemon(0)
    File.rm!(Path.join(System.get_env("BINDIR"), "epmd"))
    assert {:error, text} = EpmdDaemon.start()
    assert text =~ ~r"/epmd, by which nodes find each other, does not run: enoent$"
  end
end

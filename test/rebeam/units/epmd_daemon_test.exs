defmodule Rebeam.Units.EpmdDaemonTest do
  # Not async: sets the environment.
  use ExUnit.Case

  import Rebeam.Waiting

  alias Rebeam.{Ports, Program}
  alias Rebeam.Units.EpmdDaemon

  # A command that notes that it was run; who listens is up to the test.
  setup do
    folder = Program.folder()
    told = Path.join(folder, "told")
    port = Ports.free()
    File.write!(Path.join(folder, "epmd"), "#!/bin/sh\necho \"$@\" >> #{told}\n")
    File.chmod!(Path.join(folder, "epmd"), 0o755)

    for {name, value} <- [{"BINDIR", folder}, {"ERL_EPMD_PORT", "#{port}"}] do
      saved = System.get_env(name)
      on_exit(fn -> if saved, do: System.put_env(name, saved), else: System.delete_env(name) end)
      System.put_env(name, value)
    end

    %{folder: folder, told: told, port: port}
  end

  test "it is there when it listens, and not when its command has returned", context do
    started = Task.async(&EpmdDaemon.start/0)
    wait_until(fn -> File.exists?(context.told) end)
    assert Task.yield(started, 100) == nil
    {:ok, socket} = :gen_tcp.listen(context.port, ip: {127, 0, 0, 1})
    assert Task.await(started) == :ok
    # One that is there is not started again.
    assert EpmdDaemon.start() == :ok
    assert File.read!(context.told) == "-daemon\n"
    :gen_tcp.close(socket)
  end

  @tag :slow
  test "one that never listens is an error", %{folder: folder, port: port} do
    assert EpmdDaemon.start() ==
             {:error,
              "#{folder}/epmd, by which nodes find each other, does not listen at port #{port}"}
  end

  test "so is one that is not there", %{folder: folder} do
    File.rm!(Path.join(folder, "epmd"))

    assert EpmdDaemon.start() ==
             {:error, "#{folder}/epmd, by which nodes find each other, does not run: enoent"}
  end
end

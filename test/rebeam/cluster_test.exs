defmodule Rebeam.ClusterTest do
  # `--cluster`: nodes that find each other, and stay connected.
  use ExUnit.Case, async: true

  import Rebeam.Waiting

  alias Rebeam.{Program, Running}

  @driven "cluster/driven.py"

  defp name, do: "c#{System.unique_integer([:positive])}-#{System.pid()}@127.0.0.1"

  defp cookie(text \\ "of this test") do
    path = %{"cookie" => text} |> Program.folder() |> Path.join("cookie")
    File.chmod!(path, 0o600)
    path
  end

  defp start(name, cookie, options),
    do: Running.start(@driven, options: ["--name", name, "--cookie-file", cookie] ++ options)

  defp met?(program, name), do: Running.ask(program, "- '#{name}' in nodes()") == "True"

  @tag :slow
  test "a list, a file and a name: who comes later, goes and comes again is connected" do
    [one, two] = for _ <- 1..2, do: name()
    cookie = cookie()
    file = %{"nodes" => ""} |> Program.folder() |> Path.join("nodes")
    [base, _] = String.split(two, "@")

    for spec <- [two, "file:#{file}", "dns:#{base}@localhost"] do
      first = start(one, cookie, ["--cluster", spec])
      second = start(two, cookie, [])

      if spec =~ "file" do
        File.write!(file, "x#{two}\n#{two}\n")
        Running.line(first, ~r/no connection to node x#{two}, tried again: no node x/)
      end

      # Each of both knows of the connection a moment before the other one, or after it.
      wait_until(fn -> met?(first, two) end)
      wait_until(fn -> met?(second, one) end)

      # Whom the program itself has left stays away until it wants it again.
      assert Running.ask(first, "- disconnect('#{two}')") == "True"
      Process.sleep(2_500)
      refute met?(first, two)
      assert Running.ask(first, "- connect('#{two}')") == "None"
      assert {137, _} = Running.stop(second, "KILL")
      wait_until(fn -> not met?(first, two) end)
      second = start(two, cookie, [])
      wait_until(fn -> met?(second, one) end)
      Running.stop(second)
      Running.stop(first)
    end
  end

  @tag :slow
  test "multicast: with the cookie alone, and with ports of their own" do
    [one, two, three] = for _ <- 1..3, do: name()
    cookie = cookie()
    # Below those that Linux gives to whoever asks for any.
    [port, other, of_group] = Enum.take_random(20_000..32_000, 3)
    group = "multicast:239.255.70.78:#{of_group}"
    first = start(one, cookie, ["--cluster", group, "--port", "#{port}"])
    third = start(three, cookie("another"), ["--cluster", group])
    second = start(two, cookie, ["--cluster", group, "--port", "#{other}"])
    wait_until(fn -> met?(first, two) end)
    wait_until(fn -> Running.ask(second, "unit nodes()") == "['#{one}']" end)

    assert Running.ask(second, "unit call(('unit', '#{one}'), 'tried', 'this_node()')") =~ one
    assert Running.ask(third, "- nodes()") == "[]"
    for program <- [first, second, third], do: Running.stop(program)
  end

  @tag :slow
  test "what is wrong is said, in a line on each side" do
    name = name()
    [own, _] = String.split(name, "@")
    program = start(name, cookie(), [])
    other = name()
    wrong = ["--name", other, "--cookie-file", cookie("another"), "--connect", name]
    result = Program.run("", options: wrong)
    assert result.status == 2

    assert result.err =~
             ~r/^rebeam: --connect #{name}: 127.0.0.1:\d+ refuses this node: is the cookie/m

    Running.line(
      program,
      ~r/Connection attempt from node '?#{other}'? rejected. Invalid challenge reply/
    )

    refused = fn options -> Program.run("", options: options).err end

    assert refused.(["--name", other, "--connect", "x#{own}@127.0.0.1"]) =~
             "no node x#{own} is registered"

    assert refused.(["--name", other, "--connect", "#{own}@no-such-host.invalid"]) =~
             "no host no-such-host.invalid is known"

    assert refused.(["--name", other, "--connect", "a@localhost"]) =~
             "give all --name or all --sname"

    assert refused.(["--cluster", "a@b"]) ==
             "rebeam: --cluster a@b needs a name for this node: --name or --sname\n"

    assert refused.(["--port", "17"]) ==
             "rebeam: --port 17 needs a name for this node: --name or --sname\n"

    assert refused.(["--port", "x"]) == "rebeam: --port is a port from 1 to 65535, not \"x\"\n"

    assert refused.(["--name", "a@b", "--cluster", "a"]) =~
             ~s(rebeam: --cluster "a": it is names of nodes)

    assert refused.(["--name", other, "--tls", "/nowhere"]) ==
             "rebeam: --tls /nowhere: ca.pem: no such file or directory: rebeam cert makes one\n"

    Running.stop(program)
  end
end

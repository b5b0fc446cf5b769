defmodule Rebeam.CLI.JoinTest do
  # Machines that lend their cores to a program: here each is a process of this host, in a folder of its
  # own, which has none of the program's files.
  use ExUnit.Case, async: true

  import ExUnit.CaptureIO
  import Rebeam.Waiting

  alias Rebeam.CLI.Join
  alias Rebeam.{Ports, Program, Running}

  @program "cli/join/joined.py"

  defp name, do: "j#{System.unique_integer([:positive])}-#{System.pid()}@127.0.0.1"

  defp cookie do
    path = %{"cookie" => "of this test"} |> Program.folder() |> Path.join("cookie")
    File.chmod!(path, 0o600)
    path
  end

  defp start(options) do
    [name, cookie] = [name(), cookie()]
    options = ["--name", name, "--cookie-file", cookie] ++ options
    # A folder whose modules are beside the script.
    {Running.start(@program, options: options), name, cookie}
  end

  defp join(name, cookie, options, how) do
    options = ["--cookie-file", cookie, "--python", Program.python().executable] ++ options
    Running.word(["join", name | options], [until: ~r/has joined|^rebeam: /] ++ how)
  end

  defp ask(program, text), do: Running.ask(program, text)

  # Units that are up.
  defp await_units(program, count),
    do: wait_until(fn -> ask(program, "len(rebeam_info()['units'])") == "#{count}" end)

  # Each is started again by itself, and if too many were counted, none.
  defp await_active(program, count),
    do: wait_until(fn -> ask(program, "count_children('all')['active']") == "#{count}" end)

  defp answers?(program, target),
    do: ask(program, "call(#{inspect(target)}, 'where')[0]") =~ "ok"

  @tag :slow
  test "joins while the program runs, takes what waits for it, leaves in order, and is lost" do
    {program, name, cookie} = start(["--workers", "1"])

    assert ask(program, "start_child('all', child(Worker, where='gpu'))") =~
             ~r/RuntimeError: no worker machine with the label "gpu"/

    [here, there] = [Program.folder(), Program.folder()]
    own = name()
    machine = join(name, cookie, ["--workers", "2", "--label", "gpu", "--name", own], cd: here)
    assert machine.first == "#{own} has joined #{name} with 2 workers"
    wait_until(fn -> answers?(program, "labelled") end)

    # Its folder and its environment are its own, the modules beside the script the program's.
    assert ask(program, "ask('labelled', 'where')[1:]") == "('#{here}', 'besidelazy')"
    assert ask(program, "ask('labelled', 'environ', 'OF_MACHINE')") == "None"

    # What is printed there comes here, by another way than the answer that Python prints; and counters,
    # tables and large messages go across.
    Port.command(program.port, "ask('labelled', 'say', 'so')\n")
    Running.lines(program, [~r/^said so$/, ~r/^= None$/])
    assert ask(program, "ask('labelled', 'evaluate', \"Counter('c').add(2)\")") == "'2'"
    assert ask(program, "Counter('c').add()") == "3"
    assert ask(program, "ask('labelled', 'length', bytes(3_000_000))[0]") == "3000000"

    # To the least loaded: three units have three and three and three.
    await_units(program, 3)

    assert ask(program, "len(start_children('all', [child(Worker, isolation='process')] * 7))") ==
             "7"

    assert ask(program, "len(everywhere())") == "3"

    assert ask(program, "ask(spawn_on('#{own}', Worker), 'where')[1]") == "'#{here}'"

    assert ask(program, "spawn_on('nobody@127.0.0.1', Worker)") =~
             "ConnectionError: nobody@127.0.0.1"

    # A unit alone is replaced on its machine.
    assert ask(program, "call('labelled', 'crash')[1]") == "'noconnection'"
    wait_until(fn -> answers?(program, "labelled") end)

    # In order: nothing crashes, and no restart is counted.
    assert {0, lines} = Running.stop(machine)
    assert List.last(lines) == "left"
    wait_until(fn -> ask(program, "len(everywhere())") == "1" end)
    await_active(program, 7)

    # Lost with all its units at once: one crash for each supervisor, which allows two.
    machine = join(name, cookie, ["--workers", "3", "--label", "gpu", "--name", own], cd: there)
    wait_until(fn -> answers?(program, "labelled") end)

    await_units(program, 4)

    assert ask(program, "len(start_children('all', [child(Worker, isolation='process')] * 9))") ==
             "9"

    assert ask(program, "len(everywhere())") == "4"
    assert {137, _} = Running.stop(machine, "KILL")
    Running.line(program, ~r/worker machine #{own} .*: the actors of its 3 units crashed with it/)
    wait_until(fn -> ask(program, "len(everywhere())") == "1" end)
    await_active(program, 16)
    assert {143, _} = Running.stop(program)
  end

  @tag :slow
  test "by TLS; with another certificate or none it is refused, and the end of the program is its own" do
    [tls, other] = [cert(), cert()]
    # On this machine it would tell the same user all of that.
    {program, name, cookie} = start(["--workers", "0", "--tls", tls, "--reachable", "no"])
    machine = join(name, cookie, ["--workers", "1", "--label", "gpu", "--tls", tls], [])
    assert machine.first =~ ~r/^worker-\d+@127.0.0.1 has joined #{name} with 1 workers$/
    wait_until(fn -> answers?(program, "labelled") and answers?(program, "any") end)
    assert ask(program, "ask('any', 'length', bytes(3_000_000))[0]") == "3000000"
    assert ask(program, "ask('labelled', 'evaluate', \"call('any', 'where')[0]\")") =~ "ok"

    for options <- [["--tls", other], []] do
      refused = join(name, cookie, options, [])

      assert refused.first =~
               ~r/^rebeam: no answer from node #{name}: .* refuses this node: is the cookie the same, and --tls\?$/

      assert {1, []} = Running.ended(refused)
      Running.line(program, ~r/TLS server: .*Fatal/)
    end

    assert %{status: 0, out: "ended with status 143\n"} =
             Program.run({:words, ["stop", name, "--cookie-file", cookie, "--tls", tls]},
               own: true
             )

    assert {143, _} = Running.ended(program)
    assert {0, lines} = Running.ended(machine)
    assert List.last(lines) == "#{name} has ended"
  end

  defp cert do
    folder = Path.join(Program.folder(), "secrets")
    assert %{status: 0} = Program.run({:words, ["cert", folder]}, own: true)
    folder
  end

  @tag :slow
  test "an actor is started in another program of the cluster" do
    {first, name, cookie} = start(["--workers", "1"])
    options = ["--name", other = name(), "--cookie-file", cookie, "--connect", name]
    second = Running.start(@program, options: ["--workers", "1" | options])
    assert ask(second, "spawn_on('#{name}', Worker, name='sent').node") == "'#{name}'"
    assert ask(first, "ask('sent', 'where')[2]") == "'besidelazy'"

    assert ask(first, "ask(spawn_on('#{other}', Worker), 'evaluate', 'this_node()')") ==
             ~s("'#{other}'")

    assert ask(first, "ask(spawn_on('#{name}', Worker), 'evaluate', 'this_node()')") ==
             ~s("'#{name}'")

    assert ask(first, "spawn_on('#{other}', DynamicSupervisor())") =~ "TypeError: spawn_on starts"
    assert ask(first, "spawn_on('x', Worker)") =~ "ValueError: a node is called NAME@HOST"
    assert ask(first, "child(Worker, where='')") =~ "ValueError: where is the label"

    assert ask(first, "child(Worker, where='x', node='a@b')") =~
             "ValueError: a child has node= or"

    assert ask(first, "child(Worker, where='x', isolation='shared')") =~
             "ValueError: node and where"

    for program <- [first, second], do: Running.stop(program)
  end

  test "what is wrong is said" do
    said = fn words -> capture_io(:stderr, fn -> assert Join.run(words) == 2 end) end
    assert said.([]) == "rebeam: join needs the NODE of a program: NAME@HOST\n"
    assert said.(["a@b", "--workers", "0"]) == "rebeam: join --workers 0 would lend nothing\n"
    assert said.(["a@b", "--label"]) == "rebeam: --label needs a value\n"
    assert said.(["a@b", "--label="]) == ~s(rebeam: --label needs a value, not ""\n)
    assert said.(["a@b", "what"]) == "rebeam: join takes a NODE, and no what\n"
    assert said.(["a@b", "--workers", "x"]) =~ ~s(at least 0, not "x")
    assert said.(["a@b", "--name", "c@d", "--sname", "c"]) =~ "a node has one name"
  end

  # Another host: a network, processes and files of its own.
  if System.cmd("id", ["-u"]) == {"0\n", 0} and System.find_executable("ip") do
    defp ip(words), do: {_, 0} = System.cmd("ip", String.split(words), stderr_to_stdout: true)

    defp host do
      number = rem(System.unique_integer([:positive]) + String.to_integer(System.pid()), 250)
      [space, link] = ["rebeam-#{System.pid()}-#{number}", "rb#{number}"]
      ip("netns add #{space}")
      on_exit(fn -> System.cmd("ip", ["netns", "del", space], stderr_to_stdout: true) end)
      ip("link add #{link} type veth peer name eth0 netns #{space}")
      ip("addr add 10.177.#{number}.1/24 dev #{link}")
      ip("link set #{link} up")

      for words <- [
            "addr add 10.177.#{number}.2/24 dev eth0",
            "link set eth0 up",
            "link set lo up"
          ],
          do: ip("-n #{space} #{words}")

      %{here: "10.177.#{number}.1", there: "10.177.#{number}.2", space: space, link: link}
    end

    @tag :slow
    test "another host has the program's modules, not its files, and is lost when it is cut off" do
      host = host()
      port = Ports.free()
      [name, cookie] = ["prog@#{host.here}", cookie()]
      options = ["--name", name, "--cookie-file", cookie, "--port", "#{port}"]
      options = options ++ ["--workers", "0", "--cluster-lease", "3"]
      program = Running.start(@program, options: options)
      script = program |> ask("sys.argv[0]") |> String.trim("'")

      hide = ~s(mount -t tmpfs none "$0" && exec "$@")
      pids = ~w(unshare --pid --fork --kill-child --mount-proc sh -c)
      under = ~w(ip netns exec #{host.space}) ++ pids ++ [hide, Path.dirname(script)]
      folder = Program.folder()
      join = &join("#{name}:#{port}", cookie, &1, cd: folder, under: under)
      machine = join.(["--workers", "1", "--label", "gpu"])
      assert machine.first =~ ~r/^worker-\d+@#{host.there} has joined #{name} with 1 workers/
      wait_until(fn -> answers?(program, "labelled") and answers?(program, "any") end)

      assert ask(program, "ask('labelled', 'where')[1:]") == "('#{folder}', 'besidelazy')"

      assert ask(program, "ask('labelled', 'evaluate', 'os.path.exists(sys.argv[0])')") ==
               "'False'"

      assert ask(program, "ask('any', 'evaluate', \"Counter('c').add(2)\")") == "'2'"
      assert ask(program, "Counter('c').add()") == "3"

      assert ask(
               program,
               "ask('any', 'length', bytes(3_000_000)) == (3_000_000, bytes(3_000_000))"
             ) == "True"

      assert ask(program, "ask('any', 'evaluate', 'bytes(3_000_000)').count('0')") == "6000000"

      ip("link set #{host.link} down")

      Running.line(
        program,
        ~r/worker machine .* did not answer for \d+ s: the actors of its 1 units/
      )

      Running.line(machine, ~r/nothing was heard from #{name} for 3 s: tried again/)
      assert ask(program, "call('any', 'where')") =~ "DOWN"
      ip("link set #{host.link} up")
      Running.line(machine, ~r/has joined/)
      wait_until(fn -> answers?(program, "labelled") and answers?(program, "any") end)

      # It ends with the program, which ends in order.
      assert {143, _} = Running.stop(program)
      assert {0, lines} = Running.ended(machine)
      assert List.last(lines) == "#{name} has ended"
    end
  end
end

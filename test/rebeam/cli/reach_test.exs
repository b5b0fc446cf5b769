defmodule Rebeam.CLI.ReachTest do
  # Words in one terminal, a program in another.
  use ExUnit.Case, async: true

  import Rebeam.Waiting

  alias Rebeam.CLI.Reach
  alias Rebeam.{Program, Running}

  @counter "cli/reach/counter.py"

  defp rebeam(words, options \\ []), do: Program.run({:words, words}, [own: true] ++ options)

  test "what words take: a program comes first, options of theirs anywhere" do
    assert {:ok, {:only, _}, []} = Reach.take([])
    assert {:ok, {:only, _}, ["shop"]} = Reach.take(["shop"])
    assert {:ok, {{:process, 17}, _}, ["shop"]} = Reach.take(["17", "shop"])
    assert {:ok, {{:node, "a@b.c"}, _}, ["shop"]} = Reach.take(["a@b.c", "shop"])

    assert {:ok, {{:node, "a@b"}, %{cookie_file: "/x"}}, ["shop", "--", "--cookie-file"]} =
             Reach.take(["a@b", "shop", "--cookie-file", "/x", "--", "--cookie-file"])

    assert {:error, "--cookie-file needs a value"} = Reach.take(["a@b", "--cookie-file"])
  end

  @tag :slow
  test "a program without a name, by its OS process; nothing is left of it, however it ends" do
    program = Running.start(@counter)
    other = Running.start(@counter, options: ["--reachable", "no"])
    result = rebeam(["status", "#{program.pid}"])
    assert {result.err, result.status} == {"", 0}
    assert result.out =~ ~r/^process +#{program.pid}, up /m

    # The names of their nodes are used again, and several are there at once.
    for _ <- 1..2 do
      [command | words] = Program.vm(["eval", "#{program.pid}", "1 + 1"])
      asked = for _ <- 1..3, do: Task.async(fn -> System.cmd(command, words) end)
      for task <- asked, do: assert(Task.await(task, 90_000) == {"2\n", 0})
    end

    # Once the program has heard of the end of those.
    ask = ["eval", "#{program.pid}", "sorted(nodes(hidden=True))"]
    one = "['rebeam-#{program.pid}-guest1@127.0.0.1']\n"
    wait_until(fn -> rebeam(ask).out == one end)

    assert %{status: 1, err: err} = rebeam(["status", "#{other.pid}"])
    assert err =~ ~r/^rebeam: no program of yours is process #{other.pid}, but of:$/m
    assert err =~ ~r/^  #{program.pid}  .*main.py$/m

    System.cmd("kill", ["-STOP", "#{program.pid}"])
    assert %{status: 1, err: err} = rebeam(["status", "#{program.pid}"])
    assert err == "rebeam: process #{program.pid} does not answer: is it stopped?\n"

    assert {137, []} = Running.stop(program, "KILL")
    refute File.read!("/proc/net/unix") =~ "-#{program.pid}-"
    assert {143, ["stopped 0"]} = Running.stop(other)
  end

  @tag :slow
  test "a program with a name, by that or its OS process; by its cookie, where it tells nothing" do
    folder = Program.folder(%{"cookie" => "one two", "wrong" => "three"})
    for file <- ["cookie", "wrong"], do: File.chmod!(Path.join(folder, file), 0o600)
    cookie = ["--cookie-file", Path.join(folder, "cookie")]
    name = "reach#{System.unique_integer([:positive])}-#{System.pid()}@127.0.0.1"
    program = Running.start(@counter, options: ["--name", name] ++ cookie)

    for target <- [name, "#{program.pid}"] do
      result = rebeam(["status", target])
      assert {result.err, result.status} == {"", 0}
      assert result.out =~ ~r/^node +#{name}$/m
    end

    assert {143, ["stopped 0"]} = Running.stop(program)
    options = ["--name", name, "--reachable", "no"] ++ cookie
    program = Running.start(@counter, options: options)
    assert %{status: 0, err: ""} = rebeam(["status", name] ++ cookie)
    wrong = ["--cookie-file", Path.join(folder, "wrong")]
    assert %{status: 1, err: err} = rebeam(["status", name] ++ wrong)
    assert err =~ ~r/^rebeam: no answer from node #{name}: 127.0.0.1:\d+ refuses this node/
    Running.stop(program)
  end
end

defmodule Rebeam.CLI.WordTest do
  # What `rebeam WORD` does, whole.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  defp rebeam(words, options \\ []), do: Program.run({:words, words}, [own: true] ++ options)

  @tag :slow
  test "config: what holds, and where it was said" do
    folder =
      Program.folder(%{
        "pyproject.toml" => "[tool.rebeam]\nisolation = \"process\"\nrestart = \"on-failure\"\n",
        "main.py" => ""
      })

    script = Path.join(folder, "main.py")
    env = [{"REBEAM_MAX_RESTARTS", "7"}, {"REBEAM_PYTHON", Program.python().executable}]
    result = rebeam(["config", "--workers", "2", script], env: env)
    assert {result.err, result.status} == {"", 0}
    file = Path.join(folder, "pyproject.toml")

    lines =
      for line <- String.split(result.out, "\n", trim: true), do: String.split(line, ~r/  +/)

    rows = Map.new(lines, fn [name | rest] -> {name, rest} end)
    assert rows["workers"] == ["2", "--workers"]
    assert rows["isolation"] == ["process", "isolation in #{file}"]
    assert rows["restart"] == ["on-failure", "restart in #{file}"]
    assert rows["max-restarts"] == ["7", "$REBEAM_MAX_RESTARTS"]
    assert rows["log-format"] == ["text", "default"]
    assert rows["connect"] == ["-", "default"]

    assert result.out =~
             ~r/^python +#{Regex.escape(Program.python().executable)} +\$REBEAM_PYTHON$/m

    assert %{err: "rebeam: unknown option --\uFFFD\n", status: 2} = rebeam(["config", "--\xff"])

    assert %{
             out: "",
             err: "rebeam: unknown option --worker, did you mean --workers?\n",
             status: 2
           } = rebeam(["config", "--worker", "2"])
  end

  test "doctor: what there is, and what to do about what is not" do
    env = [{"REBEAM_PYTHON", Program.python().executable}]
    result = rebeam(["doctor"], env: env)
    assert {result.err, result.status} == {"", 0}
    assert result.out =~ ~r/^ok +python +3\.\d+\.\d+ at .*libpython/m

    for name <- ["runtime", "open files", "locked memory", "/dev/shm", "loopback", "cache"],
        do: assert(result.out =~ ~r"^ok +#{name} +"m)

    result = rebeam(["doctor"], env: [{"REBEAM_PYTHON", "/nowhere/python"}, {"HOME", "/proc"}])
    assert result.status == 1
    assert result.out =~ ~r"^error +python +\$REBEAM_PYTHON: no Python interpreter at \"/nowhere"m
    assert result.out =~ ~r"^warning +cache +.*set \$HOME"m
  end

  @tag :slow
  test "help: all of it, a part, a guide, or what there is" do
    usage = rebeam(["--help"]).out
    all = rebeam(["help"]).out
    assert String.starts_with?(all, usage)
    assert all =~ ~r/^Guides \(.* help NAME\):\n  actors +Actors in ten minutes\n/m

    result = rebeam(["help", "logs"])
    assert result.out =~ ~r/\ALogs:\n  --log-level/
    refute result.out =~ "--restart"

    guide = rebeam(["help", "testing"])
    assert guide.out =~ ~r/\A# Testing\n\n    # shop.py\n    from rebeam import/
    refute guide.out =~ "```"
    assert rebeam(["help", "Several Cores"]).out =~ ~r/\A# Several cores\n/

    assert rebeam(["help", "index"]).out =~
             ~r/Actors in ten minutes \(.* help actors\): a program/

    assert rebeam(["help", "from"]).out =~ ~r/\AGuides .*:\n  from-asyncio /

    assert %{out: "", status: 2, err: err} = rebeam(["help", "nothing"])
    assert err =~ ~s(no help about "nothing", but about:\n  Python\n)
    assert err =~ ~r/\n\nGuides .*\n  actors /
    assert rebeam(["help", "../guides/data"]).status == 2
  end

  @tag :slow
  test "new: a project that runs, and passes its tests" do
    folder = Program.folder()
    project = Path.join(folder, "shop")
    result = rebeam(["new", project])
    assert {result.err, result.status} == {"", 0}
    assert result.out =~ "cd #{project}\n  rebeam main.py\n  rebeam -m unittest\n"

    run = Program.run({:words, ["main.py"]}, cd: project)
    assert run.err == ""

    assert run.out ==
             "the counter is at 1\nthe counter is at 2\nthe counter is at 3\n"

    assert run.status == 0

    tests = Program.run({:words, ["-m", "unittest"]}, cd: project)
    assert tests.err =~ ~r/^Ran 2 tests in .*\n\nOK$/m
    assert tests.status == 0
    assert File.read!(Path.join(project, "pyproject.toml")) =~ ~s(name = "shop")

    assert rebeam(["new", project]).err == "rebeam: #{project} exists already\n"
    assert rebeam(["new", Path.join(folder, "A b")]).err =~ ~s("A b" is no name for a project)
    refute File.exists?(Path.join(folder, "A b"))
    assert rebeam(["new", "/proc/shop"]).err == "rebeam: /proc/shop: no such file or directory\n"
    assert %{status: 2, err: "rebeam: new takes the name of a folder: " <> _} = rebeam(["new"])
  end
end

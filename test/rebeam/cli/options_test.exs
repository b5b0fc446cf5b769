defmodule Rebeam.CLI.OptionsTest do
  use ExUnit.Case, async: true

  alias Rebeam.CLI.Options

  @script __ENV__.file

  defp run(argv) do
    assert {:run, options} = Options.parse(argv)
    options
  end

  defp error(argv) do
    assert {:error, text} = Options.parse(argv)
    refute text =~ "\n"
    text
  end

  test "a script alone has the defaults" do
    assert %{
             target: {:script, @script},
             args: [],
             restart: :never,
             max_restarts: 3,
             max_seconds: 5,
             isolation: :shared,
             workers: nil,
             unit_memory: nil,
             python: nil,
             connect: [],
             log_level: nil
           } = run([@script])
  end

  test "what follows the script is the script's, whatever it looks like" do
    arguments = ["--help", "--restart", "x", "--", "-m", ""]
    assert run([@script | arguments]).args == arguments
  end

  test "options before the script are read, in both spellings" do
    options =
      run(
        ~w(--restart on-failure --max-restarts=0 --max-seconds 60 --log-level warning) ++
          ~w(--python /usr --sname a --cookie c --connect b@h --connect=c@h) ++ [@script]
      )

    assert %{restart: :on_failure, max_restarts: 0, max_seconds: 60, log_level: :warning} =
             options

    assert %{python: "/usr", sname: "a", cookie: "c", connect: ["b@h", "c@h"]} = options
  end

  test "every choice is a known one" do
    for restart <- ~w(never on-failure always), do: run(["--restart", restart, @script])

    for level <- ~w(debug info notice warning error critical alert emergency none),
        do: run(["--log-level", level, @script])
  end

  test "-m takes a module, and the rest is the module's" do
    assert %{target: {:module, "pytest"}, args: ["-x", "--help"]} =
             run(["--restart", "always", "-m", "pytest", "-x", "--help"])

    assert error(["-m"]) =~ "needs the name of a module"
  end

  test "after -- a script may begin with a dash" do
    assert error(["--", "-odd.py"]) =~ ~s("-odd.py")
    assert run(["--", @script, "--"]).args == ["--"]
  end

  test "help lists every option" do
    assert {:help, text} = Options.parse(["--help"])

    for option <-
          ~w(--restart --max-restarts --max-seconds --isolation --workers --unit-memory) ++
            ~w(--python --name --sname --cookie --cookie-file --listen --connect --log-level --version --help),
        do: assert(text =~ option)
  end

  test "version" do
    assert {:version, "Re:BEAM 0." <> _} = Options.parse(["--version"])
  end

  test "an unknown option is named, with the nearest known one" do
    assert error(["--restrat", "always", @script]) ==
             "unknown option --restrat, did you mean --restart?"

    assert error(["-q", @script]) == "unknown option -q"
  end

  test "a wrong value is shown" do
    assert error(["--restart", "maybe", @script]) =~
             ~s(one of never, on-failure, always, not "maybe")

    assert error(["--max-restarts", "-1", @script]) =~ ~s(at least 0, not "-1")
    assert error(["--workers", "two", @script]) =~ ~s(at least 1, not "two")
    assert error(["--python=", @script]) =~ "--python needs a value"
    assert error(["--cookie"]) == "--cookie needs a value"
  end

  test "what does not go together is refused" do
    assert error(["--name", "a@b", "--sname", "c", @script]) =~ "one name"
    assert error(["--connect", "b@h", @script]) =~ "--name or --sname"
  end

  test "where actors run" do
    assert run(["--isolation", "process", "--workers", "3", @script]).workers == 3
    assert run(["--isolation", "shared", @script]).isolation == :shared
    assert run(["--unit-memory", "500M", @script]).unit_memory == 500 * 1024 * 1024
    assert run(["--unit-memory", "2G", @script]).unit_memory == 2 * 1024 * 1024 * 1024

    for wrong <- ["500", "M", "-1M", "1.5G", "2T"] do
      assert error(["--unit-memory", wrong, @script]) ==
               "--unit-memory is a size such as 500M or 2G, not #{inspect(wrong)}"
    end
  end

  test "a missing script is named" do
    assert error([]) =~ "no script given"
    assert error(["nowhere.py"]) =~ ~s("nowhere.py")
  end

  test "a node's name, and what the next VM is told" do
    assert Options.node_name(run([@script])) == nil
    assert Options.node_name(run(["--sname", "a", @script])) == {"a", :shortnames}
    assert Options.node_name(run(["--name", "a@b.c", @script])) == {"a@b.c", :longnames}

    for argv <- [[@script, "--cookie", "x"], ["--workers", "2", "-m", "m", "-x"]],
        do: assert(run(argv).argv == argv)

    assert run(["--workers=2", "--", @script]).argv == ["--workers", "2", @script]
  end
end

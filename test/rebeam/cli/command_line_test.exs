defmodule Rebeam.CLI.CommandLineTest do
  # Not asynchronous: it sets the working folder.
  use ExUnit.Case

  alias Rebeam.CLI.{CommandLine, Options}

  @script __ENV__.file

  defp run(argv) do
    assert {:run, options} = CommandLine.read(argv)
    options
  end

  defp error(argv) do
    assert {:error, text} = CommandLine.read(argv)
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

  test "a switch says yes by itself" do
    assert %{watch: :yes, target: {:script, @script}, argv: ["--watch=yes", @script]} =
             run(["--watch", @script])

    assert %{watch: :no} = run(["--watch=no", @script])
    assert %{watch: :no} = run([@script, "--watch"])
    assert error(["--watch=perhaps", @script]) =~ "--watch is one of yes, no"
  end

  test "every choice is a known one" do
    for restart <- ~w(never on-failure always), do: run(["--restart", restart, @script])

    for level <- ~w(debug info notice warning error critical alert emergency none),
        do: run(["--log-level", level, @script])
  end

  test "-m takes a module, and the rest is the module's" do
    assert %{target: {:module, "pytest"}, args: ["-x", "--help"]} =
             run(["--restart", "always", "-m", "pytest", "-x", "--help"])

    assert error(["-m"]) == "-m needs the name of a module"
    assert error(["-Bm"]) == "-m needs the name of a module"
  end

  test "switches of python's, before and between ours, in its own spellings" do
    options = run(~w(-uB --workers 2 -Werror -X dev -OO) ++ [@script, "-x"])
    assert options.switches == ~w(-u -B -W error -X dev -O -O)
    assert {options.workers, options.args} == {2, ["-x"]}
    assert CommandLine.python_arguments(options) == options.switches ++ [@script, "-x"]
    assert options.argv == ~w(-u -B --workers 2 -W error -X dev -O -O) ++ [@script, "-x"]
    assert %{target: {:command, "pass"}, args: ["a"], switches: ["-I"]} = run(~w(-Ic pass a))
    assert %{target: {:command, "x=1"}, switches: []} = run(["-cx=1"])
    assert %{target: {:module, "m"}, switches: ["-q"]} = run(["-qmm"])
    assert error(["-W"]) == "-W needs a value"
    assert error(["-c"]) == "-c needs code to run"
    assert error(["-uJ", @script]) == "unknown option -J"
    assert {:help, _} = CommandLine.read(["-h"])
    assert {:version, _} = CommandLine.read(["-V"])
  end

  test "without a program there is a prompt" do
    assert %{target: :prompt, args: [], argv: []} = run([])
    assert %{target: :prompt, switches: ["-q"]} = run(["-q"])
    assert %{target: {:script, "-"}, argv: ["-"]} = run(["-"])
  end

  test "words of ours, and scripts with such a name" do
    assert CommandLine.read(["config", "--workers", "2"]) == {:word, "config", ["--workers", "2"]}
    folder = Rebeam.Program.folder(%{"config" => "", "doctor" => ""})
    path = Path.join(folder, "config")
    assert run([path]).target == {:script, path}

    File.cd!(folder, fn ->
      assert run(["./config"]).argv == ["./config"]
      assert run(["--", "config"]).argv == ["--", "config"]
      assert run(["-u", "doctor"]).argv == ["-u", "--", "doctor"]
    end)
  end

  test "after -- a script may begin with a dash" do
    assert error(["--", "-odd.py"]) =~ ~s("-odd.py")
    assert run(["--", @script, "--"]).args == ["--"]
  end

  test "help lists every option" do
    assert {:help, text} = CommandLine.read(["--help"])

    for option <-
          ~w(--restart --max-restarts --max-seconds --isolation --workers --unit-memory) ++
            ~w(--python --name --sname --cookie --cookie-file --listen --connect --watch --log-level --version --help),
        do: assert(text =~ option)
  end

  test "version" do
    assert {:version, "Re:BEAM 0." <> _} = CommandLine.read(["--version"])
  end

  test "an unknown option is named, with the nearest known one" do
    assert error(["--restrat", "always", @script]) ==
             "unknown option --restrat, did you mean --restart?"

    assert error(["-y", @script]) == "unknown option -y"
    assert error(["-bé", @script]) == "unknown option -é"
    assert error(["-\xff", @script]) == "unknown option -\xff"
  end

  test "a wrong value is shown" do
    assert error(["--restart", "maybe", @script]) =~
             ~s(one of never, on-failure, always, not "maybe")

    assert error(["--max-restarts", "-1", @script]) =~ ~s(at least 0, not "-1")
    assert error(["--workers", "two", @script]) =~ ~s(at least 0, not "two")
    assert error(["--python=", @script]) =~ "--python needs a value"
    assert error(["--cookie"]) == "--cookie needs a value"
  end

  test "what does not go together is refused" do
    assert error(["--name", "a@b", "--sname", "c", @script]) =~ "one name"
    assert error(["--connect", "b@h", @script]) =~ "--name or --sname"
    long = String.duplicate("x", 300)

    for {flag, name} <- [{"--sname", "a@b@c"}, {"--connect", "b"}, {"--connect", "b@" <> long}] do
      assert error(["--sname", "a", flag, name, @script]) =~
               "#{flag} is a node's name, NAME@HOST, not"
    end

    for program <- [["-"], ["-c", "pass"], []] do
      assert error(["--restart", "always" | program]) =~ "--restart needs a script in a file"
    end
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

defmodule Rebeam.CLI.LauncherFlagsTest do
  # The release and its command, as somebody without Elixir has them.
  use ExUnit.Case, async: true

  alias Rebeam.{Program, Release}
  alias Rebeam.CLI.CommandLine

  @moduletag :large

  defp script(text) do
    path = Path.join(Program.folder(), "main.py")
    File.write!(path, text)
    path
  end

  defp command(release),
    do: [Path.join(release, "bin/rebeam"), "--python", Program.python().executable]

  test "it runs from any folder, that nobody can write to, for any user, without a home" do
    place = Path.join(Program.folder(), "a folder, für alle")
    release = Release.copy(Path.join(place, "rebeam"))
    {"", 0} = System.cmd("chmod", ["-R", "a-w", release])
    on_exit(fn -> System.cmd("chmod", ["-R", "u+w", release]) end)
    System.cmd("chmod", ["a+x", Path.dirname(place)])
    main = script("import os, sys\nprint(os.getuid(), sys.argv[1:], 'HOME' in os.environ)\n")
    System.cmd("chmod", ["-R", "a+rX", Path.dirname(main)])
    # An interpreter that every user can run.
    command = [Path.join(release, "bin/rebeam"), "--python", "/usr/bin/python3", main, "a b", "ü"]
    own = System.cmd("id", ["-u"]) |> elem(0) |> String.trim()
    assert Release.run(command) == {"#{own} ['a b', 'ü'] False\n", 0}

    if own == "0" do
      other = ["setpriv", "--reuid", "65534", "--clear-groups" | command]
      assert Release.run(other) == {"65534 ['a b', 'ü'] False\n", 0}
    end
  end

  test "a link to the command works, a copy of it says what is missing" do
    folder = Program.folder()
    link = Path.join(folder, "rebeam")
    File.ln_s!(Path.join(Release.folder(), "bin/rebeam"), link)
    assert Release.run([link, "--version"]) == {"Re:BEAM #{Mix.Project.config()[:version]}\n", 0}
    copy = Path.join(folder, "copies/bin/rebeam")
    File.mkdir_p!(Path.dirname(copy))
    File.cp!(link, copy)

    {text, 1} = Release.run([copy, "--version"])
    assert text =~ "rebeam: no release in #{folder}/copies, nor in its lib/rebeam: "
  end

  test "a working folder that was removed is said" do
    shell = ~S(mkdir -p "$1" && cd "$1" && rmdir "$1" && exec "$2" --version)
    gone = Path.join(Program.folder(), "gone")
    command = ["sh", "-c", shell, "sh", gone, Path.join(Release.folder(), "bin/rebeam")]
    assert Release.run(command) == {"rebeam: the working folder: No such file or directory\n", 1}
  end

  test "status, errors, arguments, standard input and environment are python's" do
    main =
      script("""
      import os, sys
      print(sys.argv[1:], sys.stdin.read(), sorted(set(os.environ) - {"LC_CTYPE"}), flush=True)
      print("wrong", file=sys.stderr, flush=True)
      sys.exit(7)
      """)

    shell = ~s(echo input | "$@" one two)
    command = ["sh", "-c", shell, "sh" | command(Release.folder())] ++ [main]
    assert Release.run(command) == {"['one', 'two'] input\n ['PATH', 'PWD']\nwrong\n", 7}
  end

  test "its process units run the interpreter that was asked for" do
    main =
      script("""
      import sys
      from rebeam import *
      class Where(GenPy):
          @receive("python")
          def python(self): return sys.executable
      def ask(): print(call("where", "python")[1])
      if __name__ == "__main__":
          where = child(Where(), name="where", isolation="process")
          Supervisor([where, child(ask, significant=True)])
      """)

    assert Release.run(command(Release.folder()) ++ [main]) ==
             {Program.python().executable <> "\n", 0}
  end

  test "what the emulator has of its own in the environment hides nothing of the user's" do
    main =
      script("""
      import os, sys
      print([os.environ.get(each) for each in ("ROOTDIR", "EMU", "BINDIR", "PATH")])
      print(os.environ.get("ERL_CRASH_DUMP_SECONDS"))
      print([each for each in os.environ if each.startswith("REBEAM_OWN")], flush=True)
      sys.exit(1)
      """)

    env = ["-u", "PATH", "ROOTDIR=/mine", "EMU=", "HOME=#{Program.folder()}"]
    shown = "['/mine', '', None, None]\nNone\n[]\n"

    assert Release.run(["/usr/bin/env"] ++ env ++ command(Release.folder()) ++ [main]) ==
             {shown, 1}

    name = "own_environment_#{System.pid()}"
    again = ["--restart", "on-failure", "--max-restarts", "1", "--sname", name]

    {text, 1} =
      Release.run(["/usr/bin/env"] ++ env ++ command(Release.folder()) ++ again ++ [main])

    assert text |> String.split(shown) |> length() == 3, text
  end

  test "a VM that fails leaves no dump, unless somebody asks for one" do
    release = Release.copy(Path.join(Program.folder(), "rebeam"))

    [module] =
      Path.wildcard(Path.join(release, "lib/rebeam-*/ebin/Elixir.Rebeam.CLI.Runner.beam"))

    File.rm!(module)
    folder = Program.folder()
    run = &Release.run(command(release) ++ ["-c", "1"], cd: folder, env: &1)
    assert {text, 1} = run.([])
    assert text =~ ~r/load_failed,\['?Elixir.Rebeam.CLI.Runner'?\]/
    assert File.ls!(folder) == []
    assert {_, 1} = run.([{"ERL_CRASH_DUMP_SECONDS", "5"}])
    assert File.ls!(folder) == ["erl_crash.dump"]

    asked = [env: [{"ERL_CRASH_DUMP_SECONDS", "5"}]]
    command = command(Release.folder()) ++ ["-c", "import os; print(os.environ[input()])"]
    shell = ["sh", "-c", "echo ERL_CRASH_DUMP_SECONDS | \"$@\"", "sh" | command]
    assert Release.run(shell, asked) == {"5\n", 0}
  end

  test "OTP's TLS is there, with a libcrypto of its own" do
    release = Release.copy(Path.join(Program.folder(), "rebeam"))
    [bin] = Path.wildcard(Path.join(release, "erts-*/bin"))
    [boot] = Path.wildcard(Path.join(release, "releases/*/start_clean.boot"))

    start = "{ok, _} = application:ensure_all_started(ssl), io:put_chars(\"there\"), halt()."
    flags = ["-boot", Path.rootname(boot), "-boot_var", "RELEASE_LIB", Path.join(release, "lib")]
    command = [Path.join(bin, "erlexec")] ++ flags ++ ["-noshell", "-eval", start]
    env = [{"ROOTDIR", release}, {"BINDIR", bin}, {"EMU", "beam"}, {"PROGNAME", "rebeam"}]
    assert Release.run(command, env: env) == {"there", 0}

    [library] = Path.wildcard(Path.join(release, "lib/crypto-*/priv/lib/crypto.so"))
    {needed, 0} = System.cmd("ldd", [library])
    assert [[_, path]] = Regex.scan(~r/libcrypto\S* => (\S+)/, needed)
    assert Path.dirname(path) == Path.dirname(library)
  end

  test "a name without a home says what it needs" do
    command = command(Release.folder()) ++ ["--sname", "homeless", "-c", "1"]

    said =
      "rebeam: a node with a name needs --cookie-file, REBEAM_COOKIE or HOME for its cookie\n"

    assert Release.run(command) == {said, 2}
  end

  test "a script may name it in its first line" do
    main = script("#!/usr/bin/env rebeam\nimport sys\nprint(sys.argv)\n")
    File.chmod!(main, 0o755)
    bin = Path.join(Release.folder(), "bin")
    env = [{"PATH", "#{bin}:/usr/bin:/bin"}, {"REBEAM_PYTHON", Program.python().executable}]
    assert Release.run([main, "a b"], env: env) == {"['#{main}', 'a b']\n", 0}
  end

  test "the words work without Mix" do
    rebeam = Path.join(Release.folder(), "bin/rebeam")
    env = [{"REBEAM_PYTHON", Program.python().executable}]
    assert {text, 0} = Release.run([rebeam, "doctor"], env: env)
    assert text =~ ~r/^ok +runtime +rebeam /m
    project = Path.join(Program.folder(), "shop")
    assert {_, 0} = Release.run([rebeam, "new", project])
    assert {text, 0} = Release.run([rebeam, "-m", "unittest"], cd: project, env: env)
    assert text =~ "Ran 2 tests"
    assert {"3\n", 0} = Release.run([rebeam, "-c", "print(1 + 2)"], env: env)
  end

  test "it is the process that was started, and a signal ends it" do
    main = script("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    [rebeam | options] = command(Release.folder())
    how = [:binary, :exit_status, line: 100, args: options ++ [main]]
    port = Port.open({:spawn_executable, rebeam}, how)
    {:os_pid, pid} = Port.info(port, :os_pid)
    line = "#{pid}"
    assert_receive {^port, {:data, {:eol, ^line}}}
    System.cmd("kill", ["-TERM", "#{pid}"])
    assert_receive {^port, {:exit_status, 143}}
  end

  # A container: its first process is the command.
  defp first_process(arguments) do
    unshare = ~w(unshare --pid --fork --mount-proc --kill-child)
    how = [:binary, :exit_status, :stderr_to_stdout, line: 1000]
    args = tl(unshare) ++ command(Release.folder()) ++ arguments
    Port.open({:spawn_executable, System.find_executable(hd(unshare))}, [{:args, args} | how])
  end

  # Its id outside of the container.
  defp inside(port) do
    {:os_pid, unshare} = Port.info(port, :os_pid)
    {text, 0} = System.cmd("pgrep", ["-P", "#{unshare}"])
    String.trim(text)
  end

  test "as a container's first process it reaps orphans and keeps the status" do
    main =
      script("""
      import os, subprocess, sys, time
      orphan = int(subprocess.run(["sh", "-c", "sleep 0.1 & echo $!"], stdout=-1).stdout)
      while os.path.exists(f"/proc/{orphan}"):
          time.sleep(0.01)
      print("reaped", os.getppid(), flush=True)
      sys.exit(5)
      """)

    port = first_process([main])
    assert_receive {^port, {:data, {:eol, "reaped 1"}}}
    assert_receive {^port, {:exit_status, 5}}
  end

  test "as a container's first process it passes signals on" do
    main =
      script("""
      import signal, time
      signal.signal(signal.SIGUSR1, lambda *_: print("told", flush=True))
      print("ready", flush=True)
      while True:
          time.sleep(0.01)
      """)

    port = first_process([main])
    assert_receive {^port, {:data, {:eol, "ready"}}}
    first = inside(port)
    System.cmd("kill", ["-USR1", first])
    assert_receive {^port, {:data, {:eol, "told"}}}
    System.cmd("kill", ["-TERM", first])
    assert_receive {^port, {:exit_status, 143}}
  end

  test "what it says of itself names it as it is called" do
    assert {"usage: rebeam [options] main.py" <> _, 0} =
             Release.run([Path.join(Release.folder(), "bin/rebeam"), "--help"])

    assert Release.run([Path.join(Release.folder(), "bin/rebeam"), "--nothing"]) ==
             {"rebeam: unknown option --nothing\n", 2}
  end

  test "the manual and the completions of each shell know every option" do
    for file <- [
          "man/man1/rebeam.1",
          "completions/rebeam.bash",
          "completions/_rebeam",
          "completions/rebeam.fish"
        ] do
      text =
        Release.folder()
        |> Path.join("share/#{file}")
        |> File.read!()
        |> String.replace("\\-", "-")

      known = if file =~ ".fish", do: &"-l #{String.trim_leading(&1, "-")} ", else: & &1

      assert for(name <- CommandLine.flags(), not String.contains?(text, known.(name)), do: name) ==
               [],
             file
    end
  end

  test "it holds no more than programs need" do
    # MiB: 20 of Debian 12; Debian 13's emulator, its applications and its libcrypto are larger.
    {size, 0} = System.cmd("du", ["-sm", Release.folder()])
    assert size |> Integer.parse() |> elem(0) < 35

    assert Path.wildcard(Path.join(Release.folder(), "lib/rebeam-*/priv/python/*"))
           |> Enum.map(&Path.basename/1) == ["rebeam"]
  end
end

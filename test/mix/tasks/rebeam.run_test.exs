defmodule Mix.Tasks.Rebeam.RunTest do
  # Each test is a run of the task in an OS process of its own, from a shell.
  use ExUnit.Case, async: true

  setup do: %{folder: Rebeam.Program.folder()}

  # The shell command, in which `$RUN` is `mix rebeam.run main.py`.
  defp shell(folder, program, command) do
    script = Path.join(folder, "main.py")
    File.write!(script, program)
    env = [{"RUN", "mix rebeam.run #{script}"}, {"MIX_ENV", "test"}, {"IN", folder}]
    System.cmd("sh", ["-c", command], env: env)
  end

  @digest """
  import hashlib, sys
  data = sys.stdin.buffer.read()
  print(len(data), hashlib.sha256(data).hexdigest())
  """

  defp digest(data) do
    "#{byte_size(data)} #{Base.encode16(:crypto.hash(:sha256, data), case: :lower)}\n"
  end

  describe "standard input" do
    @tag :slow
    test "from a pipe whose writer has ended", %{folder: folder} do
      assert shell(folder, @digest, ~S(printf 'a\nb\n' | $RUN)) == {digest("a\nb\n"), 0}
    end

    @tag :slow
    test "from a slow pipe", %{folder: folder} do
      command = "(sleep 1; echo x; sleep 1; echo y) | $RUN"
      assert shell(folder, @digest, command) == {digest("x\ny\n"), 0}
    end

    @tag :slow
    test "that begins after it was given back, and before the hand-over", %{folder: folder} do
      code = """
      alias Rebeam.CLI.Handover.Stdin
      stdin = Stdin.detach()
      :ok = Stdin.attach(stdin)
      File.touch!("#{folder}/ready")
      Process.sleep(500)
      Rebeam.Loader.exec("/bin/cat", ["cat"])
      """

      writer = "(until [ -e $IN/ready ]; do sleep 0.02; done; echo x)"
      command = "#{writer} | MIX_ENV=test mix run --no-start -e '#{code}'"
      assert shell(folder, "", command) == {"x\n", 0}
    end

    @tag :slow
    test "from a pipe that goes on after much was read ahead", %{folder: folder} do
      data = :crypto.strong_rand_bytes(1_000_000)
      File.write!(Path.join(folder, "data"), data)
      command = "(cat $IN/data; sleep 2; cat $IN/data) | $RUN"
      assert shell(folder, @digest, command) == {digest(data <> data), 0}
    end

    @tag :slow
    test "of ten million bytes that are no text", %{folder: folder} do
      data = :crypto.strong_rand_bytes(10_000_000)
      File.write!(Path.join(folder, "data"), data)
      assert shell(folder, @digest, "cat $IN/data | $RUN") == {digest(data), 0}
    end

    @tag :slow
    test "of text that is not ASCII", %{folder: folder} do
      # Long enough that reading is under way at the hand-over, at any byte.
      data = String.duplicate("größer 日本語 😀\n", 400_000)
      File.write!(Path.join(folder, "data"), data)
      assert shell(folder, @digest, "cat $IN/data | $RUN") == {digest(data), 0}
    end

    @tag :slow
    test "from a file, which stays a file at its place", %{folder: folder} do
      File.write!(Path.join(folder, "data"), "first\nsecond\n")
      program = "import os, sys; print(os.lseek(0, 0, os.SEEK_CUR), sys.stdin.read())"
      assert shell(folder, program, "$RUN <$IN/data") == {"0 first\nsecond\n\n", 0}
    end

    @tag :slow
    test "that is nothing, or closed", %{folder: folder} do
      assert shell(folder, @digest, "$RUN </dev/null") == {digest(""), 0}
      assert {_, 0} = shell(folder, "print(1)", "$RUN <&-")
    end

    @tag :slow
    test "of which the script reads a part: the writer ends with it", %{folder: folder} do
      program = "print(input())"

      assert shell(folder, program, "while echo y; do :; done 2>/dev/null | timeout 60 $RUN") ==
               {"y\n", 0}
    end
  end

  @tag :slow
  test "the script's arguments arrive as they are", %{folder: folder} do
    program = "import sys; print(sys.argv[1:])"
    command = ~S($RUN --help -- -extra '' 'ü "x"' --python)
    expected = ~S(['--help', '--', '-extra', '', 'ü "x"', '--python']) <> "\n"
    assert shell(folder, program, command) == {expected, 0}
  end

  @tag :slow
  test "the process is the script's own", %{folder: folder} do
    program = "import os; print(os.getpid())"
    {out, 0} = shell(folder, program, ~S(sh -c 'echo $$; exec $RUN'))
    assert [pid, pid] = String.split(out)
  end

  @tag :slow
  test "the environment is the shell's", %{folder: folder} do
    names = "sorted(set(os.environ) & {'ROOTDIR', 'BINDIR', 'EMU', 'PROGNAME'})"
    program = "import os; print(#{names}, 'erts-' in os.environ['PATH'])"

    command =
      "unset ROOTDIR BINDIR EMU PROGNAME; PATH=$(echo $PATH | sed 's/[^:]*erts-[^:]*://'); $RUN"

    assert shell(folder, program, command) == {"[] False\n", 0}
  end

  @tag :slow
  test "descriptors that the shell opened are passed on", %{folder: folder} do
    program = "import os; print(os.read(7, 100))"
    File.write!(Path.join(folder, "data"), "seven")
    assert shell(folder, program, "$RUN 7<$IN/data") == {"b'seven'\n", 0}
  end

  test "a wrong command line is one line and status 2", %{folder: folder} do
    {out, 2} = shell(folder, "", "mix rebeam.run --restrat 2>&1 >/dev/null")
    assert out == "rebeam: unknown option --restrat, did you mean --restart?\n"
  end

  @tag :slow
  test "a word that needs more of OTP than the project does", %{folder: folder} do
    words = ["rebeam.run", "cert", Path.join(folder, "cert")]

    assert {text, 0} =
             System.cmd("mix", words, env: [{"MIX_ENV", "test"}], stderr_to_stdout: true)

    assert text =~ "has ca.pem, cert.pem and key.pem, good for 10 years"
  end
end

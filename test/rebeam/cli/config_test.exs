defmodule Rebeam.CLI.ConfigTest do
  # The project's configuration on its way to the VM that runs the script.
  use ExUnit.Case, async: true

  alias Rebeam.{Program, VM}
  alias Rebeam.CLI.Handover

  # What it writes itself is in that folder.
  defp run(program, config, options, folder \\ System.tmp_dir!()) do
    script = Path.join(Program.folder(%{"main.py" => program}), "main.py")
    start = %{arguments: options ++ [script], applications: [:rebeam], config: config}
    env = variables() ++ [{"TMPDIR", folder}]
    System.cmd(VM.program(), Handover.flags(start), env: env, stderr_to_stdout: true)
  end

  # What erlexec wants, and `erl` would have set.
  defp variables do
    bindir = Path.dirname(VM.program())
    [{"BINDIR", bindir}, {"ROOTDIR", List.to_string(:code.root_dir())}, {"EMU", "beam"}]
  end

  @tag :slow
  test "each run has a file of its own, which nobody else can read and which is gone once read" do
    program =
      "from rebeam import *\ntry: send('x', 'y' * 5000)\nexcept Exception as e: print(e)\n"

    paths = for bytes <- [1000, 2000], do: Handover.Config.write(rebeam: [message_max: bytes])
    assert length(Enum.uniq(paths)) == 2

    for {path, bytes} <- Enum.zip(paths, [1000, 2000]) do
      assert Bitwise.band(File.stat!(path).mode, 0o777) == 0o600
      assert Bitwise.band(File.stat!(Path.dirname(path)).mode, 0o777) == 0o700
      {output, 0} = run(program, path, [])
      assert output =~ "#{bytes}"
      refute File.exists?(Path.dirname(path))
    end
  end

  @tag :slow
  test "a restart has it too, and leaves no file" do
    program = """
    import os
    from rebeam import *
    try: send('x', 'y' * 5000)
    except Exception as error: print(error, flush=True)
    os.environ["AGAIN"] = "x"
    raise SystemExit(3)
    """

    path = Handover.Config.write(rebeam: [message_max: 1000])
    options = ~w(--restart on-failure --max-restarts 1 --max-seconds 99)
    folder = Program.folder()
    {output, 3} = run(program, path, options, folder)
    assert length(String.split(output, "1000")) == 3
    refute File.exists?(Path.dirname(path))
    assert Path.wildcard(Path.join(folder, "**/sys.config")) == []
  end
end

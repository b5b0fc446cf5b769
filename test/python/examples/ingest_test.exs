defmodule Rebeam.Python.Examples.IngestTest do
  # What python/examples/ingest acknowledged is in its table, and worked on once, whatever ends.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @moduletag :slow
  @example Path.expand("../../../python/examples/ingest", __DIR__)

  setup do
    folder = Program.folder()

    %{
      env: [
        {"INGEST_FILE", Path.join(folder, "readings.table")},
        {"ACKNOWLEDGED", Path.join(folder, "acknowledged")}
      ]
    }
  end

  defp drive(mode, env, options \\ []) do
    program = Program.path("python/examples/ingest.py")
    Program.run(program, args: [@example, mode], env: env, options: options, limit: 300)
  end

  for isolation <- ["shared", "process"] do
    test "workers, their pool, the queue, the server and a dependency are killed under load, #{isolation}",
         %{env: env} do
      options = ["--isolation", unquote(isolation), "--workers", "2"]
      result = drive("storm", env, options)
      assert result.status == 0, result.err

      assert result.out ==
               "{'states': {'done': 60}, 'sums': {'north': 48.0, 'south': 21.0}, 'workers': 4}\n"

      refute result.err =~ "terminating"
    end
  end

  test "what fails is tried again, and then put aside", %{env: env} do
    result = drive("attempts", env)
    assert result.status == 0, result.err

    assert String.split(result.out, "\n", trim: true) == [
             ~s|(400, {'error': 'a reading is {"id": text, "sensor": text, "value": number}'})|,
             "(202, {'id': 'a', 'new': True})",
             "(202, {'id': 'a', 'new': False})",
             "200 done 1 1.5",
             "200 failed 1 'calibration' answered 'offset' with an error: \"no sensor 'nowhere'\"",
             "200 failed 3 'calibration' is down, asked for 'offset': " <>
               "RuntimeError: the sensor's line is dead",
             "(404, {'error': 'no such reading'})"
           ]
  end

  test "a program that ended, or was killed, goes on with all that it acknowledged", %{env: env} do
    assert drive("term", env).status == 143
    assert drive("kill", env).status == "SIGKILL"

    assert %{status: 0, out: out, err: ""} = drive("check", env)
    assert out == "acknowledged: True missing: []\n['done'] True\n"
  end
end

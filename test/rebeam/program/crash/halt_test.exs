defmodule Rebeam.Program.Crash.HaltTest do
  # The end of the VM while 50 threads are busy: in Python, in C, with the GIL in their hands.
  # It comes within its deadlines, with the status that was asked for; nothing crashes.
  # REBEAM_HALTS=50 has each case done 50 times.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @times String.to_integer(System.get_env("REBEAM_HALTS", "1"))

  @program "program/crash/halt/fifty_busy_actors.py"

  @elixir """
  [subject, how] = System.argv()
  Process.flag(:trap_exit, true)
  Application.put_env(:rebeam, :python, System.fetch_env!("PYTHON_UNDER_TEST"))
  Logger.configure(level: :none)
  pids = for _ <- 1..50 do
    {:ok, pid} = Rebeam.GenPy.start_link({"busy", "Busy"}, path: "python")
    pid
  end
  for pid <- pids, do: Rebeam.cast(pid, subject, nil)
  Process.sleep(500)
  case how do
    "System.halt" -> System.halt(3)
    "System.stop" -> System.stop(3)
    "Application.stop" -> Application.stop(:rebeam) && System.halt(3)
  end
  Process.sleep(:infinity)
  """

  # Seconds, of which 60 are for a machine that has other things to do.
  defp in_time(limit, fun) do
    for _ <- 1..@times do
      {microseconds, _} = :timer.tc(fun)
      assert microseconds < (limit + 60) * 1_000_000
    end
  end

  @moduletag timeout: 3_600_000

  @often %{
    "System.halt": [:python, :gil],
    "System.stop": [:swallow, :gil_for_ever],
    "Application.stop": [:python, :in_c]
  }

  # What has the GIL for 1 ms at a time leaves little of it to 50 others: each turn takes long.
  for {busy, limit} <- [python: 15, swallow: 15, in_c: 10, gil: 40, gil_for_ever: 40] do
    @tag :slow
    test "SIGTERM: #{busy}" do
      in_time(unquote(limit), fn ->
        result =
          Program.run(@program,
            args: ["#{unquote(busy)}"],
            options: ~w(--log-level none),
            on: [{"ready", :signal, "SIGTERM"}]
          )

        assert %{status: 143, out: "ready\n", err: ""} = result
      end)
    end

    if busy in [:swallow, :in_c, :gil], do: @tag(:large)

    @tag :slow
    test "Ctrl-C twice: #{busy}" do
      in_time(unquote(limit), fn ->
        result =
          Program.run(@program,
            args: ["#{unquote(busy)}"],
            options: ~w(--log-level none),
            on: [{"ready", :signal, "SIGINT"}, {"", :signal, "SIGINT"}]
          )

        assert %{status: "SIGINT", out: "ready\n", err: ""} = result
      end)
    end

    for {how, more} <- ["System.halt": 0, "System.stop": 14, "Application.stop": 5] do
      # Two of each; all of them with the large tests.
      if busy not in Map.fetch!(@often, how), do: @tag(:large)

      @tag :slow
      test "#{how}: #{busy}" do
        folder = Program.folder(%{"python/busy.py" => "program/crash/halt/busy.py"})
        code = "System.argv(#{inspect(["#{unquote(busy)}", "#{unquote(how)}"])})\n" <> @elixir

        in_time(5 + unquote(more), fn ->
          assert %Program{status: 3, out: "", err: ""} = Program.elixir(code, cd: folder)
        end)
      end
    end
  end
end

defmodule Rebeam.Actor.AsyncSignalTest do
  # Signals that are asked for where there are none: of loops that are not on Python's main thread.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, InterpreterProgram, Program}

  @handlers "actor/async_signal/handlers_of_an_actor.py"

  # With the options that it needs; interpreters under each Python that has them.
  defp placements do
    for(place <- ~w(shared process), do: {place, []}) ++
      for python <- InterpreterProgram.pythons(),
          do: {"interpreter", ["--python", python.executable]}
  end

  @tag :slow
  test "what a handler asks for is done when its actor ends, instead of a cancellation" do
    for {isolation, python} <- placements() do
      options = python ++ ["--isolation", isolation, "--workers", "1"]
      result = Program.run(@handlers, on: [{"ready", :signal, "SIGTERM"}], options: options)
      assert %{status: 143, err: ""} = result

      assert result.out |> String.split("\n", trim: true) |> Enum.sort() ==
               [
                 "a ended by its handler",
                 "b ended by its handler",
                 "c cancelled",
                 "d [True, False]",
                 "d cancelled",
                 "ready"
               ]
    end
  end

  test "in functions it is noted, in plain threads refused, on the main thread it works" do
    assert Program.lines!("actor/async_signal/where_signals_are_noted.py") == [
             "main None ValueError RuntimeError TypeError True False",
             "function None ValueError RuntimeError TypeError True False",
             "closed RuntimeError",
             "thread RuntimeError ValueError RuntimeError TypeError False False"
           ]
  end

  @tag :slow
  test "uvicorn in a handler ends in order, without a traceback" do
    result =
      Program.run("actor/async_signal/uvicorn_in_a_handler.py",
        on: [{"ready", :signal, "SIGTERM"}],
        options: ["--python", Environment.python()]
      )

    assert result == %Program{out: "ready\ncleaned up\nover\n", err: "", status: 143}
  end

  @tag :slow
  test "servers in functions end as on a signal, and return" do
    for isolation <- ~w(shared process) do
      result =
        Program.run("actor/async_signal/servers_in_functions.py",
          on: [{"ready", :signal, "SIGTERM"}],
          options: ["--python", Environment.python(), "--isolation", isolation, "--workers", "1"]
        )

      servers = ~w(aiohttp asyncio quart uvicorn uvloop)
      lines = result.out |> String.split("\n", trim: true) |> Enum.reject(&(&1 =~ ~r/^ ?\*/))
      said = for name <- servers, what <- ["cleaned up", "returned"], do: "#{name} #{what}"
      assert {Enum.sort(lines), result.status} == {Enum.sort(["ready" | said]), 143}
    end
  end
end

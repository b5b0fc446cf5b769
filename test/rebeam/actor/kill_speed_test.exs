defmodule Rebeam.Actor.KillSpeedTest do
  # All code of an interpreter runs as fast after a kill as that of one in which nothing was killed.
  use ExUnit.Case, async: true

  import Rebeam.InterpreterProgram

  @moduletag skip: lacks_units()

  @measure """
  import time
  def measure():
      begin = time.process_time()
      for _ in range(300_000):
          pass
      return time.process_time() - begin
  result = min(measure() for _ in range(40))
  """

  @tag :slow
  test "killed handlers slow nothing down" do
    for python <- pythons() do
      code = """
      measure = #{inspect(@measure)}
      [unit, untouched] = units.(2)
      [_, _, reference] = meters = for maker <- [main, unit, untouched], do: start.(maker, "Runs", [])
      for {maker, meter} <- Enum.zip([main, unit], meters) do
        spinning = start.(maker, "Peer", [])
        Rebeam.cast(spinning, "spin", reference)
        wait_until(fn -> Rebeam.info().detached > 0 end)
        Process.exit(spinning, :kill)
        wait_until(fn -> Rebeam.info().abandoned + Rebeam.info().detached == 0 end)
        # The machine may be busy; what was slowed down is slower by a fifth, each time.
        times = Stream.repeatedly(fn -> {ask.(meter, "exec", measure), ask.(reference, "exec", measure)} end)
        show.(times |> Stream.take(8) |> Enum.find_value(:slow, fn {own, other} -> own < other * 1.1 end))
      end
      """

      assert {python.version, lines!(python, code)} == {python.version, ["true", "true"]}
    end
  end
end

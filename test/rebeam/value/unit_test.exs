defmodule Rebeam.Value.UnitTest do
  # Values between isolation units: exact, apart from each other, and what is large given back.
  # Each test runs with units that are OS processes, and with those that are interpreters under
  # every CPython that has them. Random values go through places_test.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, InterpreterProgram, Program}

  @units ["--workers", "2"]

  # What one program printed and logged, for each kind of unit.
  defp everywhere(program, options \\ []) do
    interpreters =
      for python <- InterpreterProgram.pythons(),
          do: {"interpreter", ["--python", python.executable]}

    for {isolation, own} <- [{"shared", []}, {"process", []} | interpreters] do
      options = [args: [isolation | options[:args] || []], options: @units ++ own] ++ options
      {isolation, own, Program.run(program, options)}
    end
  end

  # The lines where it ran, without those that say where.
  defp lines({isolation, own, result}) do
    [places | lines] = String.split(result.out, "\n", trim: true)
    apart = %{"shared" => "1 1", "process" => "3 3", "interpreter" => "1 3"}
    assert {isolation, own, places, result.status} == {isolation, own, apart[isolation], 0}
    lines
  end

  test "what arrives is what was sent, and apart from it" do
    for each <- everywhere(Program.path("value_units.py"), args: ["values"]) do
      assert {each, lines(each)} == {each, ["as sent", "apart"]}
      assert {_, _, %{err: ""}} = each
    end
  end

  test "large memory goes on from unit to unit, and is given back" do
    for each <- everywhere(Program.path("value_units.py"), args: ["memory"]) do
      assert {each, lines(each)} == {each, ["shared 0"]}
      assert {_, _, %{err: ""}} = each
    end
  end

  @errors """
  import sys, threading
  from rebeam import *

  class Known:
      pass

  class Peer(GenPy):
      def __init__(self, name=None):
          self.name = name
      @receive("echo")
      def echo(self, message):
          return "had it"
      @receive("lock")
      def lock(self, message):
          bad = Known()
          bad.parts = [{"lock": threading.Lock()}]
          try:
              call(message, "echo", {"rows": [1, bad]})
          except TypeError as error:
              return str(error)
      @receive("answer with a lock")
      def answer(self):
          return [threading.Lock()]
      @receive("own class")
      def own_class(self):
          global Fresh
          Fresh = type("Fresh", (), {"__module__": "__main__"})
          return [Fresh()]
      @receive("cast own class")
      def cast_own_class(self, message):
          return cast(message, "echo", self.own_class())

  if __name__ == "__main__":
      class Local:
          pass
      def last(answer):
          status, text = answer
          print(status.value, text.strip().splitlines()[-1])
      here = run_register_process(Peer("here"))
      unit, other = [run_register_process(child(Peer(name), isolation=sys.argv[1], restart="temporary"))
                     for name in ("unit", "other")]
      print(call(unit, "lock", here)[1])
      last(call(unit, "echo", [Local()]))
      cast(unit, "echo", [Local()])
      last(call(unit, "own class"))
      for pid in (here, other):
          call(unit, "cast own class", pid)
          last(call(pid, "echo"))
      last(call(unit, "echo"))
      last(call(unit, "answer with a lock"))
  """

  test "what cannot be sent is named where it is sent; what cannot be rebuilt, where it was wanted" do
    [_shared | units] = everywhere(@errors)

    missing =
      "cannot rebuild a Fresh object: AttributeError: module '__main__' has no attribute 'Fresh'"

    local = String.replace(missing, "Fresh", "Local")

    for {isolation, own, result} <- units do
      lines = String.split(result.out, "\n", trim: true)

      assert {isolation, own, lines, result.status} ==
               {isolation, own,
                [
                  ~s(message["rows"][1].parts[0]["lock"]: cannot pickle '_thread.lock' object),
                  "error " <> local,
                  "error " <> missing,
                  "ok had it",
                  "ok had it",
                  "ok had it",
                  "down TypeError: response[0]: cannot pickle '_thread.lock' object"
                ], 0}

      casts = for line <- String.split(result.err, "\n"), line =~ "[warning]", do: line
      assert length(casts) == 3
      assert Enum.count(casts, &(&1 =~ ~s(cast "echo" to ) and &1 =~ local)) == 1
      assert Enum.count(casts, &(&1 =~ missing)) == 2
    end
  end

  @large """
  import gc, os, sys, time
  from rebeam import *
  from rebeam._runtime import rebeam_info
  try:
      import numpy
  except ImportError:
      numpy = None
  else:
      import pandas

  SIZE = 32 << 20

  def memory():
      with open("/proc/self/statm") as file:
          return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

  def make(n):
      data = bytes([n]) * SIZE
      made = {"bytes": data, "view": memoryview(data), "kind": "plain"}
      if numpy is not None:
          array = numpy.frombuffer(data, dtype="i8").reshape(-1, 8)
          made |= {"array": array, "columns": numpy.asfortranarray(array), "kind": "numpy",
                   "frame": pandas.DataFrame({"a": array[:, 0], "b": ["x"] * len(array)})}
      return made

  def right(got, n):
      word = int.from_bytes(bytes([n]) * 8, "little")
      found = [got["bytes"] == bytes([n]) * SIZE, got["view"] == got["bytes"], got["view"].readonly]
      if "array" in got:
          array, columns, frame = got["array"], got["columns"], got["frame"]
          found += [bool((array == word).all()), array.shape == (SIZE // 64, 8),
                    not array.flags.writeable, columns.flags.f_contiguous,
                    bool((columns == word).all()), list(frame.columns) == ["a", "b"],
                    bool((frame.a == word).all()), frame.b.iloc[-1] == "x"]
      return all(found)

  class Holder(GenPy):
      @receive("where")
      def where(self):
          return os.getpid(), id(Holder)
      @receive("make")
      def make(self, message):
          return make(message)
      @receive("keep")
      def keep(self, message):
          n, self.kept = message
          return right(self.kept, n)
      @receive("right")
      def right(self, message):
          return right(self.kept, message)
      @receive("views")
      def views(self, message):
          self.kept = message
      @receive("kind")
      def kind(self):
          return make(1)["kind"]

  def settled():
      for _ in range(500):
          gc.collect()
          if not rebeam_info()["shared"]:
              break
          time.sleep(0.02)
      return rebeam_info()["shared"]

  if __name__ == "__main__":
      isolation = sys.argv[1]
      def start():
          return run_register_process(child(Holder, isolation=isolation, restart="temporary"))
      holders = [start(), start()]
      places = {call(pid, "where")[1] for pid in holders} | {(os.getpid(), id(Holder))}
      print(len({pid for pid, _ in places}), len(places))
      print(*[call(pid, "kind", timeout=60)[1] for pid in holders])
      for n, (maker, keeper) in enumerate([holders, holders[::-1]], 1):
          made = call(maker, "make", n, timeout=60)[1]
          print(right(made, n), call(keeper, "keep", (n, made), timeout=60))
          del made
      # Who made it ends; it stays with who has it.
      exit(holders[0], "kill")
      print(call(holders[1], "right", 1, timeout=60))
      others = []
      if isolation != "process":
          view = memoryview(bytes(8 * SIZE))
          before = memory()
          for _ in range(4):
              others.append(start())
              call(others[-1], "views", [view], timeout=60)
          print("not copied" if memory() - before < SIZE else memory() - before)
          del view
      for pid in holders[1:] + others:
          exit(pid, "kill")
      print("left", settled())
  """

  @tag timeout: 600_000
  test "large memory is right wherever it goes, stays with who has it, and is not copied" do
    for {isolation, own} <- [
          {"shared", ["--python", Environment.python()]},
          {"process", ["--python", Environment.python()]}
          | for(
              python <- InterpreterProgram.pythons(),
              do: {"interpreter", ["--python", python.executable]}
            )
        ] do
      options = ["--log-level", "none"] ++ @units ++ own
      result = Program.run(@large, args: [isolation], options: options, limit: 180)
      kind = if isolation == "interpreter", do: "plain plain", else: "numpy numpy"
      copied = if isolation == "process", do: [], else: ["not copied"]

      assert {isolation, own, lines({isolation, own, result})} ==
               {isolation, own,
                [kind, "True (<Status.OK: 'ok'>, True)", "True (<Status.OK: 'ok'>, True)"] ++
                  ["(<Status.OK: 'ok'>, True)"] ++ copied ++ ["left 0"]}
    end
  end
end

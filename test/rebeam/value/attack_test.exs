defmodule Rebeam.Value.AttackTest do
  # Values that run code of their own while they are packed and made again, between actors.
  # What needs no actors for that is in test/c_src/value/test_hostile.py.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @echo """
  import gc, random, threading, time
  from rebeam import *
  from rebeam._runtime import collect, rebeam_info

  class Echo(GenPy):
      @receive("back")
      def back(self, message):
          return message
      @receive("make")
      def make(self, message):
          return globals()[message]()
  """

  test "what ends programs, raised while a value is rebuilt, is an error with its name" do
    program = """
    #{@echo}
    class Ends:
        def __init__(self, error):
            self.error = error
        def __getstate__(self):
            return self.error
        def __setstate__(self, error):
            raise error
    class Mute(BaseException):
        def __str__(self):
            raise ValueError("nothing to say")
    def exits():
        return Ends(SystemExit(3))

    def main():
        echo = run_register_process(Echo)
        for error in (SystemExit(3), KeyboardInterrupt(), GeneratorExit("g"), Mute(), KeyError("k")):
            print(*call(echo, "back", Ends(error)))
            cast(echo, "back", Ends(error))
        print(*call(echo, "make", "exits"))
        print(*call(echo, "back", "alive"), is_alive(echo))
    main()
    """

    assert Program.lines!(program, options: ["--log-level", "none"]) == [
             "error cannot rebuild the value: SystemExit: 3",
             "error cannot rebuild the value: KeyboardInterrupt: ",
             "error cannot rebuild the value: GeneratorExit: g",
             "error cannot rebuild the value: Mute",
             "error cannot rebuild a __main__.Ends object: KeyError: 'k'",
             "error cannot rebuild the value: SystemExit: 3",
             "ok alive True"
           ]
  end

  test "objects call, sleep and suspend while they are packed and rebuilt" do
    program = """
    #{@echo}
    class Asks:
        def __getstate__(self):
            sleep(0.01)
            return call("other", "back", "sent")[1]
        def __setstate__(self, state):
            sleep(0.01)
            self.got = state, *call("other", "back", "received")

    def main():
        for name in ("one", "other"):
            run_register_process(Echo, name=name)
        status, asks = call("one", "back", [Asks(), Asks()])
        print(*status, [each.got[2] for each in asks])
        print(call("one", "make", "Asks")[1].got[0])
        print(rebeam_info()["shared"])
    main()
    """

    assert Program.lines!(program) == [
             "o k ['received', 'received']",
             "sent",
             "0"
           ]
  end

  test "actors killed while a value is packed or rebuilt there: nothing wrong arrives or stays" do
    program = """
    #{@echo}
    class Slow:
        def __init__(self, parts=None):
            self.parts = parts or [bytes(100_000)] * 2
        def __getstate__(self):
            wait()
            return {"parts": self.parts, "me": self}
        def __setstate__(self, state):
            wait()
            self.__dict__ = state
    def wait():
        for _ in range(8):
            sleep(0.002)
        sum(range(20_000))

    def counts():
        info = rebeam_info()
        return {name: info[name] for name in ("shared", "suspended", "blocked")}

    def settled(before):
        for _ in range(300):
            gc.collect()
            collect()
            if counts() == before:
                return "baseline"
            time.sleep(0.02)
        return f"before {before}, now {counts()}"

    def round(number, chance):
        pid = start_child("echoes", child(Echo, restart="temporary"))
        killer = threading.Timer(chance.random() * 0.08, exit, (pid, "kill"))
        killer.start()
        parts = [bytes([number]) * 100_000] * 2
        if number % 2:
            status, value = call(pid, "back", Slow(parts))
        else:
            status, value = call(pid, "make", "Slow")
            parts = [bytes(100_000)] * 2
        killer.join()
        if status == "ok":
            assert value.parts == parts and value.parts[0] is value.parts[1] and value.me is value
        exit(pid, "kill")
        return str(status)

    def main():
        run_register_process(DynamicSupervisor(name="echoes", max_restarts=1_000_000))
        before = counts()
        chance = random.Random(7)
        seen = {round(number, chance) for number in range(60)}
        print("down" in seen)
        print(settled(before))
    main()
    """

    assert Program.lines!(program, options: ["--log-level", "none"]) == [
             "True",
             "baseline"
           ]
  end

  test "a script whose body exchanges large values starts as a child" do
    folder =
      Program.folder(%{
        "large.py" => """
        from rebeam import *
        class Echo(GenPy):
            name = "echo"
            @receive("back")
            def back(self, message):
                return message
        run_register_process(Echo)
        for _ in range(3):
            status, answer = call("echo", "back", bytes(1_000_000))
        Supervisor(modules=[])
        """
      })

    result =
      Program.elixir("""
      {:ok, _} = Supervisor.start_link([{Rebeam, script: "#{folder}/large.py"}], strategy: :one_for_one)
      {:ok, %Rebeam.Bytes{data: data}} = Rebeam.call("echo", "back", %Rebeam.Bytes{data: String.duplicate("x", 100_000)})
      IO.puts(byte_size(data))
      """)

    assert %{status: 0, out: "100000\n"} = result
  end
end

defmodule Rebeam.Actor.LeakTest do
  # What is over leaves nothing: memory, handles, actors, threads.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag timeout: 400_000
  @tag :resident
  test "200,000 calls leave memory flat", do: calls(200_000)

  @tag :large
  @tag timeout: 1_200_000
  test "1,000,000 calls leave memory flat", do: calls(1_000_000)

  defp calls(number) do
    result = Program.run(Program.path("calls.py"), args: ["#{number}"], limit: 1_000)
    assert %{status: 0, err: ""} = result

    assert ["sum " <> sum, "grown " <> grown, "threads constant", "baseline"] =
             String.split(result.out, "\n", trim: true)

    # Each answer is its message doubled.
    assert String.to_integer(sum) == number * (number - 1)
    # KiB, after a warm-up.
    assert String.to_integer(grown) < 8_192
  end

  test "crashes, restarts, timeouts and refused values leave nothing behind" do
    program = """
    import os, threading, time
    from rebeam import *
    from baseline import counts, settled

    class Bad(GenPy):
        def __init__(self, items):
            self.name = "bad"
            self.items = items
        @receive("crash")
        def crash(self, message):
            sleep(0)
            raise ValueError(message)
        @receive("slow")
        def slow(self):
            sleep(0.02)
        @receive("there")
        def there(self):
            return True

    def drive(rounds):
        for n in range(rounds):
            while not call("bad", "there")[0]:
                sleep(0.001)
            status, reason = call("bad", "crash", {"n": [n] * 10})
            assert status == "down" and f"'n': [{n}, " in reason, reason
            while not call("bad", "there")[0]:
                sleep(0.001)
            assert call("bad", "slow", timeout=0.001)[0] == "timeout"
            try:
                call("bad", "x", [threading.Lock()])
            except TypeError:
                pass
            assert call("nobody", "x") == (Status.DOWN, "noproc")

    def memory():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def main():
        pid = run_register_process(Supervisor(modules=[Bad([1])], max_restarts=10_000))
        from rebeam import _supervisor
        _supervisor.take_made()
        drive(30)
        before, before_memory = counts(), memory()
        drive(150)
        grown = memory() - before_memory
        print("flat" if grown < 8 << 20 else f"grown {grown}")
        print(settled(before))
    main()
    """

    result = Program.run(program, options: ~w(--log-level none))
    assert %{status: 0, out: "flat\nbaseline\n"} = result
  end
end

defmodule Rebeam.Value.ShareTest do
  # Large values between actors: shared, frozen, and given back.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Program}

  @values Path.expand("../../c_src/value", __DIR__)

  for name <- ~w(test_arrays test_memory) do
    @tag timeout: 600_000
    test "#{name}.py with numpy, pandas, pyarrow and polars" do
      path = Path.join(@values, unquote(name) <> ".py")
      result = Program.run(path, options: ["--python", Environment.python()], limit: 500)
      assert result.status == 0, result.out <> result.err
      refute result.err =~ "skipped"
    end
  end

  @program """
  import gc, os, random, sys, time
  from rebeam import *
  from rebeam._runtime import collect, rebeam_info
  import numpy

  class Holder(GenPy):
      def __init__(self):
          self.kept = []
      @receive("take")
      def take(self, message):
          self.kept = [*self.kept[-2:], message]
          return float(message[0])
      @receive("back")
      def back(self, message):
          return message
      @receive("write")
      def write(self, message):
          message[0] = 1

  def child_of():
      return start_child("holders", child(Holder, restart="temporary"))

  def memory():
      with open("/proc/self/statm") as file:
          return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

  def counts():
      info = rebeam_info()
      return {name: info[name] for name in ("actors", "shared", "suspended", "queued")}

  def settled(before):
      for _ in range(200):
          gc.collect()
          collect()
          if counts() == before:
              return "baseline"
          time.sleep(0.02)
      return f"before {before}, now {counts()}"

  def address(array):
      return array.__array_interface__["data"][0]

  run_register_process(DynamicSupervisor(name="holders", max_restarts=1_000_000))
  """

  test "10 MiB arrays to receivers that are killed at random: memory returns" do
    program = """
    #{@program}
    def send(number, pids, random):
        wrong = 0
        for n in range(number):
            if n % 20 == 0:
                array = numpy.full(10 * 2**20 // 8, float(n))
            elif n % 7 == 0:
                array = array.copy()
            place = random.randrange(len(pids))
            verb = random.choice(("take", "take", "back"))
            if random.random() < 0.3:
                cast(pids[place], verb, array)
            else:
                status, answer = call(pids[place], verb, array)
                if status == "ok":
                    wrong += (answer if verb == "take" else answer[-1]) != array[0]
            if random.random() < 0.1:
                for _ in range(random.randrange(3)):
                    cast(pids[place], "take", array)
                exit(pids[place], "kill")
                pids[place] = child_of()
        return wrong

    def main():
        before = counts()
        for number in (300, int(sys.argv[1])):
            pids = [child_of() for _ in range(4)]
            wrong = send(number, pids, random.Random(number))
            for pid in pids:
                exit(pid, "kill")
            state = settled(before)
            resident = memory() if number == 300 else resident
        print(wrong, state)
        print("flat" if memory() - resident < 30 << 20 else f"{memory() - resident} more")
    main()
    """

    number = System.get_env("REBEAM_SENDS", "700")
    options = [args: [number], options: ["--python", Environment.python()], limit: 400]
    assert Program.lines!(program, options) == ["0 baseline", "flat"]
  end

  test "between actors: the same memory, which neither changes" do
    program = """
    #{@program}
    class Sender(GenPy):
        @receive("go")
        def go(self, message):
            array = numpy.ones(1_000_000)
            answers = [call(message, "back", array)[1] for _ in range(3)]
            print([address(each) == address(array) for each in answers])
            try:
                array[0] = 2
            except ValueError as error:
                print(error)
            [(_, many)] = call_many([(message, "back", [array, "x"])], timeout=5)
            print(address(many[0]) == address(array), many[1])
            task = async_(lambda: array)
            print(address(await_(task)) == address(array))
            data = b"a" * 1_000_000
            print(call(message, "back", {"data": [data]})[1]["data"][0] is data)
            return array

    def main():
        holder, sender = child_of(), run_register_process(Sender)
        before = counts()
        returned = call(sender, "go", holder)[1]
        print(returned.sum(), returned.flags.writeable)
        status, reason = call(holder, "write", returned)
        print(status, reason.strip().splitlines()[-1][-85:])
        del returned
        before["actors"] -= 1
        print(settled(before))
    main()
    """

    options = [options: ["--python", Environment.python(), "--log-level", "none"]]

    assert Program.lines!(program, options) == [
             "[True, True, True]",
             "assignment destination is read-only",
             "True x",
             "True",
             "True",
             "1000000.0 False",
             "down change a copy of it, .copy() of an array or a DataFrame, bytearray() of a memoryview.",
             "baseline"
           ]
  end

  test "memory is given back at once, by whatever process a message passed" do
    program = """
    #{@program}
    import threading

    class Asker(GenPy):
        @receive("go")
        def go(self, message):
            array = numpy.ones(1_000_000)
            way(message, array)

    def way(name, array):
        ways = {
            "call": lambda: call("echo", "back", array),
            "cast": lambda: cast("echo", "take", array),
            "answered cast": lambda: cast("echo", "back", array, asker),
            "many": lambda: call_many([("echo", "back", array)], timeout=5),
            "timer": lambda: send_after(0.01, "echo", "take", array),
            "timer of a process": lambda: send_after(0.01, whereis("echo"), "take", array),
            "interval": lambda: interval(send_interval(0.01, "echo", "take", array)),
            "machine": lambda: call("machine", "back", array),
            "cast to a machine": lambda: [cast("machine", "take", each) for each in (array, 1)],
            "group": lambda: broadcast("echoes", "take", array),
            "task": lambda: await_(async_(lambda: array)),
        }
        ways[name]()
        return list(ways)

    def interval(timer):
        sleep(0.05)
        cancel_timer(timer)

    class Machine(GenStateMachine):
        initial_state = "only"
        @event("back", state="only")
        def back(self, message):
            call("echo", "take", message)
            return keep_state(response=message)
        @event("take", state="only")
        def take(self, message):
            return keep_state()

    class Echo(GenPy):
        name = "echo"
        @start()
        def enter(self):
            join("echoes")
        @receive("take")
        def take(self, message):
            sleep(0.01)
        @receive("back")
        def back(self, message):
            sleep(0.01)
            return message

    def left():
        gc.collect()
        for _ in range(100):
            time.sleep(0.02)
            if not rebeam_info()["shared"]:
                return 0
        return rebeam_info()["shared"]

    def main():
        global asker
        run_register_process(Echo)
        run_register_process(child(Machine, name="machine"))
        asker = run_register_process(Asker)
        for name in way("call", numpy.ones(1_000_000)):
            call(asker, "go", name)
            by_actor = left()
            way(name, numpy.ones(1_000_000))
            by_body = left()
            thread = threading.Thread(target=way, args=(name, numpy.ones(1_000_000)))
            thread.start()
            thread.join()
            del thread
            print(name, by_actor, by_body, left())
    main()
    """

    options = [options: ["--python", Environment.python(), "--log-level", "none"]]

    for line <- Program.lines!(program, options) do
      assert line =~ ~r/^[a-z ]+ 0 0 0$/
    end
  end

  test "what the receiver cannot rebuild: a call gets the reason, a cast is logged" do
    program = """
    from rebeam import *
    class Gone:
        def __reduce__(self):
            return missing, ()
    def missing():
        pass
    class Receiver(GenPy):
        name = "receiver"
        @receive("take")
        def take(self, message):
            return "taken"
        @receive("forget")
        def forget(self):
            del globals()["missing"]
        @receive("give")
        def give(self):
            return kept
    def main():
        global kept
        run_register_process(Receiver)
        kept = Gone()
        packed = call("receiver", "take", kept)
        print(*packed)
        timer = send_after(0.2, "receiver", "take", [kept])
        call("receiver", "forget")
        sleep(0.5)
        print(*call("receiver", "take", 1))
    main()
    """

    result = Program.run(program)
    assert result.status == 0
    assert "ok taken\nok taken\n" = String.replace(result.out, ~r/\n\n.*?(?=\nok)/s, "")
    assert result.out <> result.err =~ "cannot rebuild a missing object: AttributeError"
  end
end

defmodule Rebeam.InterruptWhereTest do
  # call(..., interrupt=True) from and to whatever may call and be called.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, InterruptProgram}

  @crashed InterruptProgram.crashed()

  test "who waits behind it hears why; call_async, plain threads and state machines" do
    program = """
    import threading

    class Target(Base):
        @receive("loop")
        def loop(self):
            while True:
                pass

    class Machine(GenStateMachine):
        name = "machine"
        initial_state = "idle"
        @event("loop")
        def loop(self):
            while True:
                pass
        @event("swallow")
        def swallow(self):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
        @event("busy")
        def busy(self, message):
            end = time.monotonic() + message
            while time.monotonic() < end:
                pass
            return "done"
        @event("echo")
        def echo(self, message):
            return message

    class Asker(GenPy):
        @receive("both")
        async def both(self):
            return await asyncio.gather(
                call_async("target", "loop", timeout=0.5, interrupt=True),
                call_async("target", "echo", 1),
            )

    def again(name):
        return until(lambda: call(name, "echo", 1) == ("ok", 1))

    def main():
        run_register_process(Supervisor([Target, Machine], max_restarts=100))
        print(again("target"), again("machine"))
        asker = run_register_process(Asker)
        (status, _), (behind, reason) = call(asker, "both")[1]
        print(status, behind, reason.strip().splitlines()[-1], again("target"), flush=True)
        thread = threading.Thread(target=call, args=("target", "loop", None, 0.2, True))
        thread.start()
        thread.join()
        print(again("target"), free(), flush=True)
        for subject in ("loop", "swallow"):
            print(call("machine", subject, timeout=0.2, interrupt=True), again("machine"), free())
        pid = whereis("machine")
        cast("machine", "busy", 0.5)
        print(call("machine", "loop", timeout=0.1, interrupt=True), again("machine"))
        print(whereis("machine") == pid)
    last(main)
    """

    timeout = "(<Status.TIMEOUT: 'timeout'>, None)"

    assert Enum.reject(InterruptProgram.lines!(program), &(&1 == @crashed)) == [
             "True True",
             "timeout down #{@crashed} True",
             "True True",
             "#{timeout} True True",
             "#{timeout} True True",
             "#{timeout} True",
             "True"
           ]
  end

  test "an actor on another node" do
    code = ~S"""
    System.cmd("epmd", ["-daemon"])
    {:ok, _} = Node.start(:"here_#{System.pid()}@127.0.0.1")
    paths = Enum.map(:code.get_path(), &List.to_string/1)
    arguments = Enum.map(["-setcookie", "#{Node.get_cookie()}", "-pa" | paths], &String.to_charlist/1)
    {:ok, _, far} = :peer.start_link(%{name: :"away_#{System.pid()}", host: ~c"127.0.0.1",
                                       longnames: true, args: arguments})
    :erpc.cast(far, Code, :eval_string, [~s(
      {:ok, _} = Application.ensure_all_started(:rebeam\)
      :ok = Rebeam.Python.Runtime.start([python: #{inspect(System.fetch_env!("PYTHON_UNDER_TEST"))}], ["main.py"]\)
      {:ok, _} = Rebeam.Program.Script.start_link("script", #{inspect(Path.expand("main.py"))}\)
      Process.sleep(:infinity\)
    )])
    look = fn -> try do :erpc.call(far, Rebeam, :whereis, ["target"]) rescue _ -> nil end end
    asker = until.(fn -> Rebeam.whereis("asker") end)
    for subject <- ["loop", "queued", "swallow"] do
      pid = until.(look)
      show.(Rebeam.call(asker, "ask", {pid, subject}, 60_000))
      until.(fn -> look.() not in [nil, pid] or subject == "queued" end)
      show.({look.() == pid, Rebeam.call(until.(look), "echo", 1)})
    end
    counts = fn -> :erpc.call(far, Rebeam, :info, []) end
    until.(fn -> counts.().abandoned == 0 and counts.().detached == 0 end)
    """

    program = """
    class Target(Base):
        @receive("loop")
        def loop(self):
            while True:
                pass
        @receive("swallow")
        def swallow(self):
            while True:
                try:
                    self.loop()
                except BaseException:
                    pass
        @receive("busy")
        def busy(self):
            end = time.monotonic() + 1
            while time.monotonic() < end:
                pass

    class Asker(GenPy):
        name = "asker"
        @receive("ask")
        def ask(self, message):
            pid, subject = message
            if subject == "queued":
                cast(pid, "busy")
                answers = call_many([(pid, "loop"), (pid, "loop")], 0.3, interrupt=True)
                return [status.value for status, _ in answers]
            return call(pid, subject, None, 0.3, interrupt=True)[0].value
    Supervisor([Target, Asker], max_restarts=100)
    """

    assert InterruptProgram.head()
           |> String.replace("from baseline import counts, settled", "")
           |> Kernel.<>(program)
           |> InElixir.lines!(code)
           |> Enum.filter(&String.starts_with?(&1, "{")) == [
             ~s({:ok, "timeout"}),
             "{false, {:ok, 1}}",
             ~s({:ok, ["timeout", "timeout"]}),
             "{true, {:ok, 1}}",
             ~s({:ok, "timeout"}),
             "{false, {:ok, 1}}"
           ]
  end

  test "an Elixir server's work goes on, and it does not notice" do
    code = ~S"""
    defmodule Slow do
      use Rebeam.Server
      def init(nil), do: {:ok, 0}
      def handle_receive("work", milliseconds, _source, n) do
        Process.sleep(milliseconds)
        {:ok, n + 1, n + 1}
      end
    end
    {:ok, _} = Rebeam.Server.start_link(Slow, nil, name: "slow")
    asker = until.(fn -> Rebeam.whereis("asker") end)
    show.(Rebeam.call(asker, "ask", 300))
    show.(Rebeam.call("slow", "work", 1))
    """

    program = """
    class Asker(GenPy):
        name = "asker"
        @receive("ask")
        def ask(self, message):
            return call("slow", "work", message, 0.05, interrupt=True)[0].value
    Supervisor([Asker])
    """

    assert "from rebeam import *\n"
           |> Kernel.<>(program)
           |> InElixir.lines!(code) == [~s({:ok, "timeout"}), "{:ok, 2}"]
  end

  test "a state machine that is busy elsewhere is never stuck" do
    program = """
    class Machine(GenStateMachine):
        name = "machine"
        initial_state = "idle"
        @event("loop")
        def loop(self):
            while True:
                pass
        @event("busy")
        def busy(self, message):
            end = time.monotonic() + message
            while time.monotonic() < end:
                pass
            return "done"
        @event("echo")
        def echo(self, message):
            return message

    def spin():
        while True:
            pass

    def main():
        run_register_process(Supervisor([Machine], max_restarts=10**6))
        for _ in range(3):
            run_register_process(child(spin))  # so that work waits for its turn
        same = 0
        for n in range(100):
            pid = whereis("machine")
            cast("machine", "busy", 0.01)
            # Its time is over before the work begins, as it begins, or soon after.
            call("machine", "loop", None, 0.008 + n % 8 / 1000, interrupt=True)
            assert until(lambda: whereis("machine") and call("machine", "echo", 1) == ("ok", 1), 20)
            same += whereis("machine") == pid
        print(0 < same, flush=True)
        os._exit(0)
    last(main)
    """

    assert InterruptProgram.lines!(program) == ["True"]
  end
end

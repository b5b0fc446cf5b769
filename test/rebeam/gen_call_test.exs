defmodule Rebeam.GenCallTest do
  # Raw terms between Python and any GenServer.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @server """
  defmodule My.Server do
    use GenServer
    def init(state), do: {:ok, state}
    def handle_call({:echo, term}, _, state), do: {:reply, term, state}
    def handle_call({:show, term}, _, state), do: {:reply, inspect(term), state}
    def handle_call(:from, {pid, _}, state), do: {:reply, pid, state}
    def handle_call({:after, ms, term}, from, state) do
      spawn(fn -> Process.sleep(ms); GenServer.reply(from, term) end)
      {:noreply, state}
    end
    def handle_call(:casts, _, state), do: {:reply, Enum.reverse(state), state}
    def handle_call({:stop, reason}, _, state), do: {:stop, reason, state}
    def handle_call(:deep, _, state) do
      {:reply, Enum.reduce(1..20_000, [], fn _, deep -> [deep] end), state}
    end
    def handle_call({:twice, term}, from, state) do
      GenServer.reply(from, term)
      {:reply, :again, state}
    end
    def handle_cast(term, state), do: {:noreply, [term | state]}
    def handle_info({:pid_please, pid}, state) do
      send(pid, {:here, self()})
      {:noreply, state}
    end
  end
  {:ok, _} = GenServer.start(My.Server, [], name: My.Server)
  {:ok, _} = GenServer.start(My.Server, [], name: :plain_name)
  {:ok, _} = GenServer.start(My.Server, [], name: {:via, Rebeam.Names, "ours"})
  Process.flag(:trap_exit, true)
  Logger.configure(level: :none)
  :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
  {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
  receive do
    {:rebeam_script, ^script, {:status, 0}, :over} -> Rebeam.Native.python_finish()
  end
  receive do
    {:"$rebeam", :exited, 0} -> :ok
  end
  """

  @python """
  import datetime, decimal, os, threading
  from rebeam import *
  from rebeam._runtime import rebeam_info
  from baseline import counts, settled

  SERVER = "Elixir.My.Server"
  def a(name):
      return Atom(name)
  def threads():
      return len(os.listdir("/proc/self/task"))
  class Base(GenPy):
      extra = ()
      @receive("run")
      def run(self):
          return self.body()
      @receive("plain")
      def plain(self):
          said = []
          sorted([0], key=lambda _: said.append(self.body()) or 0)
          return said[0]
      @info()
      def unexpected(self, message):
          self.extra += (message,)
      @receive()
      def other(self, subject):
          self.extra += (subject,)
      @receive("extra")
      def all(self):
          return self.extra
  """

  defp lines(program) do
    folder = Program.folder(%{"main.py" => @python <> program})
    File.cp!(Program.path("baseline.py"), Path.join(folder, "baseline.py"))
    env = [{"PYTHON_UNDER_TEST", Program.python().executable}]
    result = Program.elixir(@server, cd: folder, env: env)
    assert %{status: 0, err: ""} = result
    String.split(result.out, "\n", trim: true)
  end

  test "the reply as it is, whatever its shape, by every kind of target" do
    program = """
    class Asker(Base):
        name = "asker"
        def body(self):
            node = ProcessID().node
            status, pid = gen_call(SERVER, a("from"))
            values = [None, True, 1, 2.5, "größe", b"\\xff", a("ok"), ProcessID(), (a("error"), 5),
                      [1, [2]], {"k": (1,), a("x"): {}}, (), {1, 2}, datetime.date(2024, 2, 29),
                      decimal.Decimal("1.10"), ("ok", b"x"), 2**70]
            same = [gen_call(SERVER, (a("echo"), value)) == (Status.OK, value) for value in values]
            shown = [gen_call(target, (a("show"), (a("ok"), "t", [1])))[1]
                     for target in (SERVER, "plain_name", "ours", ("plain_name", node), whereis(SERVER))]
            return pid == ProcessID(), same, shown

    run_register_process(Asker)
    before = counts()
    for subject in ("run", "plain"):
        pid, same, shown = call("asker", subject)[1]
        print(pid, set(same), set(shown), len(same), len(shown))
    print(call("asker", "extra")[1], settled(before))
    print(gen_call(SERVER, (a("echo"), (a("ok"), 1))))
    """

    once = ~s(True {True} {'{:ok, "t", [1]}'} 17 5)

    assert lines(program) ==
             [once, once, "() baseline", "(<Status.OK: 'ok'>, (Atom('ok'), 1))"]
  end

  test "TIMEOUT, then good calls; a late or second reply comes to nobody" do
    program = """
    class Asker(Base):
        name = "asker"
        def body(self):
            said = [gen_call(SERVER, (a("after"), 150, "late"), timeout=0.03)]
            said.append(gen_call(SERVER, (a("echo"), 1)))
            said.append(call("other", "extra"))
            said.append(gen_call(SERVER, (a("twice"), 2)))
            sleep(0.2)
            said.append(gen_call(SERVER, (a("after"), 20, 3), timeout=None))
            return [(str(status), response) for status, response in said]

    run_register_process(Asker)
    class Other(Base):
        name = "other"
    run_register_process(Other)
    before = counts()
    for subject in ("run", "plain"):
        print(call("asker", subject)[1])
    print(call("asker", "extra")[1], settled(before))
    """

    once = "[('timeout', None), ('ok', 1), ('ok', ()), ('ok', 2), ('ok', 3)]"
    assert lines(program) == [once, once, "() baseline"]
  end

  test "DOWN with the reason; ERROR for a reply that Python cannot have" do
    program = """
    class Asker(Base):
        name = "asker"
        def body(self):
            return [
                gen_call("nobody", 1),
                gen_call("Elixir.No.Such.Module", 1),
                gen_call(("plain_name", "no@where"), 1),
                gen_call(SERVER, a("deep")),
                gen_call("plain_name", (a("stop"), a("normal"))),
                gen_call("ours", (a("stop"), (a("shutdown"), "why"))),
                gen_call("plain_name", 1),
            ]

    run_register_process(Asker)
    before = counts()
    for status, reason in call("asker", "run")[1]:
        print(status, reason)
    print(settled(before))
    """

    assert ["down noproc", "down noproc", "down noproc", "error the reply" <> text | rest] =
             lines(program)

    assert text =~ "nested"
    assert rest == ["down normal", "down why", "down noproc", "baseline"]
  end

  test "gen_cast, in order, and what does not exist" do
    program = """
    class Teller(Base):
        name = "teller"
        def body(self):
            node = ProcessID().node
            pid = whereis(SERVER)
            sent = [gen_cast(target, (a("ok"), n))
                    for n, target in enumerate([SERVER, pid, (SERVER, node)] * 20)]
            return sent, gen_cast("nobody", 1), gen_cast(("nobody", node), 1)

    run_register_process(Teller)
    sent, nobody, nowhere = call("teller", "run")[1]
    print(set(sent), nobody, nowhere)
    print(gen_call(SERVER, a("casts"))[1] == [(Atom("ok"), n) for n in range(60)])
    """

    assert lines(program) == ["{True} False False", "True"]
  end

  test "bad requests raise and send nothing; a call to an actor is answered" do
    program = """
    class Asker(Base):
        name = "asker"
        def body(self):
            said = []
            for attempt in (
                lambda: gen_call(SERVER, {"rows": [threading.Lock()]}),
                lambda: gen_cast(SERVER, (1, threading.Lock())),
                lambda: gen_call(SERVER, a("surely no atom of anybody")),
                lambda: gen_call(5, 1),
                lambda: gen_call(SERVER, 1, timeout=-1),
                lambda: gen_cast(("x",), 1),
                lambda: gen_call("other", 1),
            ):
                try:
                    said.append(repr(attempt()))
                except Exception as error:
                    said.append(f"{type(error).__name__}: {error}")
            return said

    class Other(Base):
        name = "other"
    run_register_process(Other)
    run_register_process(Asker)
    for line in call("asker", "run")[1]:
        print(line)
    print(gen_call(SERVER, a("casts")))
    """

    where = "must be a ProcessID, a registered name (str) or a (name, node) tuple"

    assert lines(program) == [
             "TypeError: request[\"rows\"][0]: cannot pickle '_thread.lock' object",
             "TypeError: request[1]: cannot pickle '_thread.lock' object",
             "ValueError: no atom 'surely no atom of anybody' exists in this Erlang VM",
             "TypeError: target #{where}, not 5",
             "ValueError: timeout must be a non-negative number of seconds, not -1",
             "TypeError: target #{where}, not ('x',)",
             "(<Status.OK: 'ok'>, (Atom('error'), Atom('not_a_rebeam_call')))",
             "(<Status.OK: 'ok'>, [])"
           ]
  end

  test "an actor that waits holds no thread" do
    program = """
    # Its functions name gen_call alone.
    class Asker(GenPy):
        @receive("ask")
        def ask(self, message):
            return one(message) + 1
    def one(n):
        return gen_call(SERVER, (Atom("after"), 1500, n))[1]

    askers = [run_register_process(Asker) for _ in range(1000)]
    before, threads_before = counts(), threads()
    most = 0
    def watch():
        global most
        while most < 1000:
            most = max(most, rebeam_info()["suspended"])
            sleep(0.01)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    answers = call_many([(pid, "ask", n) for n, pid in enumerate(askers)], timeout=30)
    print(answers == [(Status.OK, n + 1) for n in range(1000)], most >= 1000)
    watcher.join()
    print(threads() - threads_before < 10, settled(before))
    """

    assert lines(program) == ["True True", "True baseline"]
  end
end

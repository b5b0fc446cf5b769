defmodule Rebeam.Message.GenCallTest do
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

  defp lines(program) do
    folder = Program.folder(%{"main.py" => program})
    File.cp!(Program.path("baseline.py"), Path.join(folder, "baseline.py"))
    result = Program.elixir(@server, cd: folder)
    assert %{status: 0, err: ""} = result
    String.split(result.out, "\n", trim: true)
  end

  @tag :slow
  test "the reply as it is, whatever its shape, by every kind of target" do
    once = ~s(True {True} {'{:ok, "t", [1]}'} 17 5)

    assert lines("message/gen_call/reply.py") ==
             [once, once, "() baseline", "(<Status.OK: 'ok'>, (Atom('ok'), 1))"]
  end

  @tag :slow
  test "TIMEOUT, then good calls; a late or second reply comes to nobody" do
    once = "[('timeout', None), ('ok', 1), ('ok', ()), ('ok', 2), ('ok', 3)]"
    assert lines("message/gen_call/timeout.py") == [once, once, "() baseline"]
  end

  test "DOWN with the reason; ERROR for a reply that Python cannot have" do
    assert ["down noproc", "down noproc", "down noproc", "error the reply" <> text | rest] =
             lines("message/gen_call/down_with_the_reason.py")

    assert text =~ "nested"
    assert rest == ["down normal", "down why", "down noproc", "baseline"]
  end

  @tag :slow
  test "gen_cast, in order, and what does not exist" do
    program = """
    from rebeam import *
    from gen_call_actors import *
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
    where =
      "must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via"

    assert lines("message/gen_call/bad_requests_raise_and_send_nothing.py") == [
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

  @tag :slow
  test "an actor that waits holds no thread" do
    assert lines("message/gen_call/actor_that_waits_holds_no_thread.py") == [
             "True True",
             "True baseline"
           ]
  end
end

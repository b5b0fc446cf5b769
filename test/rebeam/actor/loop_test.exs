defmodule Rebeam.Actor.LoopTest do
  # The process of an actor is what :gen_server would be to its supervisor, to :sys and to the log.
  use ExUnit.Case, async: true

  alias Rebeam.InElixir

  @keeper """
  from rebeam import *

  class Keeper(GenPy):
      name = "keeper"
      @receive("size")
      def size(self, message):
          return len(message)

  class Sender(GenPy):
      name = "sender"
      @receive("large")
      def large(self, message):
          return call_many([("keeper", "size", b"x" * message)], timeout=None)[0][1]

  class Traps(GenPy):
      @start()
      def boot(self):
          trap_exit(True)
          call("gate", "pass", timeout=None)

  class Gate(GenPy):
      name = "gate"
      waiting = None
      @receive("pass")
      def wait(self, source):
          self.waiting = source
          return no_reply()
      @receive("waited for")
      def waited_for(self):
          return self.waiting is not None
      @receive("go")
      def go(self):
          reply(self.waiting, None)

  def function():
      sleep(3600)

  if __name__ == "__main__":
      Supervisor([Keeper, Sender, Gate, child(function, name="function")])
  """

  @code """
  keeper = wait_until(fn -> Rebeam.whereis("keeper") end)
  for name <- ["sender", "gate", "function"], do: wait_until(fn -> Rebeam.whereis(name) end)
  """

  test "a large payload is garbage once it was handed on" do
    code = ~S"""
    show.(Rebeam.call("sender", "large", 50_000_000, :infinity))
    # Its process needs no other message for that. What it was started with is small.
    wait_until(fn ->
      {:binary, kept} = Process.info(keeper, :binary)
      Enum.all?(kept, fn {_id, size, _references} -> size < 1_000_000 end)
    end)
    """

    assert InElixir.lines!(@keeper, @code <> code) == ["{:ok, 50000000}"]
  end

  for {title, name} <- [{"without a name", "[]"}, {"with a name", "[name: Some.Supervisor]"}] do
    test "an actor follows a supervisor that is killed while it starts: #{title}" do
      code = """
      Logger.configure(level: :none)
      File.cp!("main.py", "traps.py")
      before = Process.list()
      spawn(fn ->
        children = [{Rebeam.GenPy, {{"traps", "Traps"}, [path: "."]}}]
        spawn(fn -> Supervisor.start_link(children, [strategy: :one_for_one] ++ #{unquote(name)}) end)
      end)
      traps = wait_until(fn ->
        Enum.find(Process.list() -- before, fn pid ->
          {:dictionary, dictionary} = Process.info(pid, :dictionary) || {:dictionary, []}
          dictionary[:"$initial_call"] == {Rebeam.Actor, :init, 1}
        end)
      end)
      {:dictionary, dictionary} = Process.info(traps, :dictionary)
      [parent | _] = dictionary[:"$ancestors"]
      wait_until(fn -> Rebeam.call("gate", "waited for", nil) == {:ok, true} end)
      parent = if is_atom(parent), do: Process.whereis(parent), else: parent
      monitor = Process.monitor(parent)
      Process.exit(parent, :kill)
      receive do: ({:DOWN, ^monitor, _, _, _} -> :ok)
      Rebeam.cast("gate", "go", nil)
      wait_until(fn -> not Process.alive?(traps) end)
      show.(:over)
      """

      assert InElixir.lines!(@keeper, @code <> code) == [":over"]
    end
  end

  test "somebody else's words end at most one process, and OTP can say which" do
    code = ~S"""
    {:ok, payload} = Rebeam.Value.Codec.pack(1)
    GenServer.cast(Rebeam.whereis("function"), {:rebeam_admitted, "x", payload, nil, nil})
    show.(is_tuple(:sys.get_state(Rebeam.whereis("function"))) or is_map(:sys.get_state(Rebeam.whereis("function"))))

    defmodule Reports do
      def log(event, %{config: %{to: to}}), do: send(to, {:event, event})
    end
    Logger.configure(level: :error)
    :logger.remove_handler(:default)
    Logger.remove_backend(:console)
    # The report itself is wanted, not what Elixir's Logger makes of it.
    _ = :logger.remove_primary_filter(:logger_translator)
    :ok = :logger.add_handler(:reports, Reports, %{config: %{to: self()}})
    {{:badarg, _}, _} = catch_exit(GenServer.call(keeper, {:rebeam_admitted, 1, 2}))
    receive do
      {:event, %{msg: {:report, %{label: {:gen_server, :terminate}} = report}, meta: %{report_cb: format}}} ->
        show.({report.name == keeper, report.last_message, elem(report.client_info, 0) == self()})
        text = IO.chardata_to_string(format.(report, %{depth: 30, chars_limit: 1000, single_line: false}))
        show.(text =~ "Generic server")
    end
    """

    code = "import ExUnit.Assertions\n" <> @code <> code

    assert InElixir.lines!(@keeper, code) == [
             "true",
             "{true, {:rebeam_admitted, 1, 2}, true}",
             "true"
           ]
  end

  test "one that hibernates does so again when it was looked at" do
    code = ~S"""
    sleeps = fn -> Process.info(keeper, :current_function) == {:current_function, {:erlang, :hibernate, 3}} end
    wait_until(sleeps)
    %Rebeam.Actor{} = :sys.get_state(keeper)
    wait_until(sleeps)
    :ok = :sys.suspend(keeper)
    :ok = :sys.resume(keeper)
    wait_until(sleeps)
    show.(Rebeam.call("keeper", "size", "xyz"))
    :ok = GenServer.stop(keeper)
    wait_until(fn -> Rebeam.whereis("keeper") not in [nil, keeper] end)
    show.(Rebeam.call("keeper", "size", "xyz"))
    """

    assert InElixir.lines!(@keeper, @code <> code) == ["{:ok, 3}", "{:ok, 3}"]
  end
end

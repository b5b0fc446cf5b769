defmodule Rebeam.ServerTest do
  # Elixir processes that Python calls, and that call Python.
  use ExUnit.Case, async: false

  import ExUnit.CaptureIO
  import ExUnit.CaptureLog
  import Rebeam.Waiting

  alias Rebeam.Program

  @moduletag :capture_log

  defmodule Shop do
    use Rebeam.Server, restart: :transient

    def start_link({items, options}), do: Rebeam.Server.start_link(__MODULE__, items, options)

    @impl true
    def init(items), do: {:ok, items}

    @impl true
    def handle_receive("get", item, _source, items) do
      case items do
        %{^item => price} -> {:ok, price, items}
        _ -> {:error, %{"missing" => item}, items}
      end
    end

    def handle_receive("set", {item, price}, _source, items) when is_integer(price) do
      {:ok, nil, Map.put(items, item, price)}
    end

    def handle_receive("source", _, source, items), do: {:ok, source, items}
    def handle_receive("all", _, _, items), do: {:ok, items, items, :hibernate}
    def handle_receive("silent", _, _, items), do: {:noreply, items}
    def handle_receive("raise", _, _, _), do: raise("out of stock")
    def handle_receive("badarith", n, _, items), do: {:ok, 1 / n, items}
    def handle_receive("exit", _, _, _), do: exit(:gone)
    def handle_receive("exit_quickly", _, _, _), do: exit({:shutdown, "quick"})
    def handle_receive("throw", _, _, _), do: throw(:ball)
    def handle_receive("throw_error", _, _, items), do: throw({:error, "thrown", items})
    def handle_receive("deeper", n, _, items), do: handle_receive("no such", n, nil, items)
    def handle_receive("deep", n, _, items), do: {:ok, only_zero(n), items}
    def handle_receive("wrong", _, _, _), do: :nonsense
    def handle_receive("stop", _, _, items), do: {:stop, :normal, {:ok, "bye"}, items}
    def handle_receive("stop_silent", _, _, items), do: {:stop, {:shutdown, :closed}, items}
    def handle_receive("fun", _, _, items), do: {:ok, fn -> 1 end, items}
    def handle_receive("continue", _, _, items), do: {:ok, 1, items, {:continue, :later}}

    def handle_receive("ask", {target, subject, message}, _, items) do
      {:ok, Rebeam.call(target, subject, message) |> Tuple.to_list(), items}
    end

    defp only_zero(0), do: 0

    # All of GenServer's is its own.
    @impl true
    def handle_call(:size, _from, items), do: {:reply, map_size(items), items}

    @impl true
    def handle_info({:put, item, price}, items), do: {:noreply, Map.put(items, item, price)}

    @impl true
    def handle_continue(:later, items), do: {:noreply, Map.put(items, "continued", true)}
  end

  defmodule Later do
    use Rebeam.Server

    @impl true
    def init(test), do: {:ok, test}

    @impl true
    def handle_receive(subject, message, _source, from, test) do
      send(test, {subject, message, from})
      {:noreply, test}
    end

    @impl true
    def handle_response(subject, response, test) do
      send(test, {:response, subject, response})
      {:noreply, test}
    end
  end

  @client "server/client.py"

  setup do
    module = "client_#{System.unique_integer([:positive])}"
    folder = Program.folder(%{(module <> ".py") => @client})
    client = {{module, "Client"}, name: "client", path: folder}
    start_supervised!({Rebeam.GenPy, client})
    :ok
  end

  defp shop(name \\ "shop", items \\ %{"tea" => 3}) do
    start_supervised!({Shop, {items, name: name}})
  end

  # Python's `call(target, subject, message)`: what it got.
  defp from_python(target, subject, message \\ nil, timeout \\ 5) do
    {:ok, answer} = Rebeam.call("client", "call", {target, subject, message, timeout}, 20_000)
    answer
  end

  describe "Python calls" do
    test "by name, by pid, by an atom's text" do
      pid = shop()
      assert from_python("shop", "get", "tea") == ["ok", 3]
      assert from_python(pid, "get", "tea") == ["ok", 3]
      assert from_python("shop", "get", "gold") == ["error", %{"missing" => "gold"}]
      assert from_python("shop", "set", {"salt", 1}) == ["ok", nil]
      assert from_python("shop", "all") == ["ok", %{"tea" => 3, "salt" => 1}]
      assert Rebeam.whereis("shop") == pid

      {:ok, _} = Shop.start_link({%{}, name: Rebeam.AtomShop})
      assert from_python("Elixir.Rebeam.AtomShop", "all") == ["ok", %{}]
      {:ok, _} = Shop.start_link({%{}, name: {:global, "rebeam shop"}})
      assert Rebeam.call({:global, "rebeam shop"}, "all", nil) == {:ok, %{}}
    end

    test "with itself as the source" do
      pid = shop()
      assert Rebeam.call("client", "who", pid) == {:ok, true}
      assert Rebeam.call("shop", "source", nil) == {:ok, self()}
    end

    test "and the server calls Python back" do
      shop()
      {:ok, _} = Rebeam.GenPy.start_link(other_client(), [])
      assert from_python("shop", "ask", {"client2", "greet", "you"}) == ["ok", [:ok, "hello you"]]
      assert ["ok", [:down, traceback]] = from_python("shop", "ask", {"client2", "crash", nil})
      assert traceback =~ "ValueError: python's fault"
      # It lives on.
      assert from_python("shop", "get", "tea") == ["ok", 3]
    end

    test "and a timeout leaves nothing behind" do
      shop()
      assert from_python("shop", "silent", nil, 0.05) == ["timeout", nil]
      assert from_python("shop", "get", "tea") == ["ok", 3]
      assert Rebeam.call("shop", "silent", nil, 50) == {:timeout, nil}
      assert Rebeam.call("shop", "get", "tea") == {:ok, 3}
    end
  end

  # A second Client that ends with the test.
  defp other_client do
    module = "client2_#{System.unique_integer([:positive])}"
    source = Program.source(@client) <> "\n    name = 'client2'\n"
    folder = Program.folder(%{(module <> ".py") => source})
    Application.put_env(:rebeam, :path, [folder])
    on_exit(fn -> Application.delete_env(:rebeam, :path) end)
    Process.flag(:trap_exit, true)
    {module, "Client"}
  end

  describe "Python casts" do
    test "and the answer comes back with its status, if it wants one" do
      shop()
      assert Rebeam.call("client", "cast", {"shop", "get", "tea"}) == {:ok, true}
      assert Rebeam.call("client", "cast", {"shop", "get", "gold"}) == {:ok, true}
      assert Rebeam.call("client", "cast", {"shop", "no", nil}) == {:ok, true}
      assert Rebeam.call("client", "cast", {"nobody", "get", 1}) == {:ok, false}

      found = wait_until(fn -> responses(3) end)

      assert found == [
               ["get", "ok", 3],
               ["get", "error", %{"missing" => "gold"}],
               ["no", "error", "Rebeam.ServerTest.Shop handles no \"no\" with this message"]
             ]
    end

    test "and an error that nobody hears is logged" do
      shop()

      log =
        capture_log(fn ->
          Rebeam.call("client", "unsent", {"shop", "get", "gold"})
          Rebeam.call("client", "unsent", {"shop", "set", {"salt", "much"}})
          assert Rebeam.call("shop", "all", nil) == {:ok, %{"tea" => 3}}
        end)

      assert log =~ ~s(cast "get" to <)
      assert log =~ "failed: {'missing': 'gold'}"
      assert log =~ ~s(handles no "set")
      assert Rebeam.call("client", "responses", nil) == {:ok, []}
    end

    defp responses(count) do
      {:ok, found} = Rebeam.call("client", "responses", nil)
      if length(found) == count, do: found
    end
  end

  describe "a crash" do
    test "ends the server; the caller gets the reason as text, then the fresh one" do
      shop()

      for {subject, message, expected} <- [
            {"raise", nil, ~r/\A\*\* \(RuntimeError\) out of stock\n.*server_test.exs:\d+/s},
            {"badarith", 0, ~r/\A\*\* \(ArithmeticError\)/},
            {"throw", nil, ~r/handle_receive returns .* not :ball/},
            {"exit", nil, ~r/\Agone\z/},
            {"deeper", 1, ~r/\A\*\* \(FunctionClauseError\) .*handle_receive\/4/},
            {"deep", 1, ~r/\A\*\* \(FunctionClauseError\) .*only_zero\/1/},
            {"wrong", nil, ~r/handle_receive returns .* not :nonsense/}
          ],
          caller <- [:python, :elixir] do
        stop_supervised(Shop)
        old = shop()

        {status, text} =
          if caller == :python,
            do: from_python("shop", subject, message) |> List.to_tuple(),
            else: Rebeam.call("shop", subject, message)

        assert {subject, to_string(status)} == {subject, "down"}
        assert text =~ expected
        refute Process.alive?(old)
        pid = wait_until(fn -> Rebeam.whereis("shop") end)
        assert pid != old
        assert from_python("shop", "get", "tea") == ["ok", 3]
      end
    end

    test "of a cast is one too" do
      old = shop()
      monitor = Process.monitor(old)
      Rebeam.call("client", "cast", {"shop", "raise", nil})
      assert_receive {:DOWN, ^monitor, _, _, {%RuntimeError{message: "out of stock"}, _}}
      wait_until(fn -> Rebeam.whereis("shop") not in [nil, old] end)
      assert from_python("shop", "get", "tea") == ["ok", 3]
    end

    test "of Python under a call from the server is not the server's" do
      shop()
      assert {:ok, [:down, _]} = Rebeam.call("shop", "ask", {"client", "crash", nil})
      assert Rebeam.call("shop", "get", "tea") == {:ok, 3}
    end
  end

  describe "a handler" do
    test "that stops, with and without an answer" do
      pid = shop()
      monitor = Process.monitor(pid)
      assert from_python("shop", "stop") == ["ok", "bye"]
      assert_receive {:DOWN, ^monitor, _, _, :normal}
      start_supervised!({Shop, {%{}, name: "shop"}}, id: :second)
      assert from_python("shop", "stop_silent") == ["down", "closed"]
      # So quickly that nobody sees it end.
      pid = start_supervised!({Shop, {%{}, name: "shop"}}, id: :third)
      assert from_python(pid, "exit_quickly") == ["down", "quick"]
    end

    test "that takes no such subject or message: an error, and the state stays" do
      pid = shop()
      text = "Rebeam.ServerTest.Shop handles no \"no\" with this message"
      assert from_python("shop", "no") == ["error", text]
      assert {:error, ^text} = Rebeam.call("shop", "no", 1)
      assert {:error, _} = Rebeam.call("shop", "set", {"salt", "much"})
      assert Rebeam.whereis("shop") == pid
    end

    test "that throws returns what it throws, as in any GenServer" do
      shop()
      assert from_python("shop", "throw_error") == ["error", "thrown"]
    end

    test "whose value is opaque to Python sends it through" do
      shop()
      assert {:ok, fun} = Rebeam.call("shop", "fun", nil)
      assert fun.() == 1
    end

    test "is beside GenServer's own callbacks" do
      pid = shop()
      assert GenServer.call(pid, :size) == 1
      send(pid, {:put, "rice", 2})
      assert GenServer.call(pid, :size) == 2
      assert :sys.get_state(pid) == %{"tea" => 3, "rice" => 2}
      assert Rebeam.call("shop", "continue", nil) == {:ok, 1}
      assert %{"continued" => true} = :sys.get_state(pid)
      assert %{restart: :transient, id: Shop} = Shop.child_spec(1)
    end

    test "may be marked with @impl, or not, without a warning" do
      for impl <- ["", "@impl true"] do
        code = """
        defmodule Rebeam.ServerTest.Marked do
          use Rebeam.Server
          #{impl}
          def init(_), do: {:ok, nil}
          #{impl}
          def handle_receive("x", _, _, state), do: {:noreply, state}
          #{impl}
          def handle_cast(_, state), do: {:noreply, state}
        end
        """

        assert capture_io(:stderr, fn -> Code.compile_string(code) end) == ""
        :code.purge(Rebeam.ServerTest.Marked)
        :code.delete(Rebeam.ServerTest.Marked)
      end
    end

    test "is needed" do
      assert_raise CompileError, ~r/Empty uses Rebeam.Server and defines no handle_receive/, fn ->
        Code.compile_string("""
        defmodule Empty do
          use Rebeam.Server
          def init(_), do: {:ok, nil}
        end
        """)
      end
    end
  end

  describe "answering later" do
    test "a call, from another process, whoever called" do
      {:ok, _} = Rebeam.Server.start_link(Later, self(), name: "later")

      for caller <- [:python, :elixir], status <- [:ok, :error] do
        task =
          Task.async(fn ->
            if caller == :python,
              do: from_python("later", "slow", 1),
              else: Rebeam.call("later", "slow", 1) |> Tuple.to_list()
          end)

        assert_receive {"slow", 1, from}
        spawn(fn -> Rebeam.Server.reply(from, {status, %{"done" => 2}}) end)
        [got, value] = Task.await(task)
        assert {to_string(got), value} == {to_string(status), %{"done" => 2}}
      end
    end

    test "a cast, with and without sender" do
      {:ok, _} = Rebeam.Server.start_link(Later, self(), name: "later")
      Rebeam.call("client", "cast", {"later", "slow", 1})
      assert_receive {"slow", 1, from}
      assert Rebeam.Server.reply(from, {:error, "no"}) == :ok
      assert wait_until(fn -> responses(1) end) == [["slow", "error", "no"]]

      Rebeam.call("client", "unsent", {"later", "slow", 2})
      assert_receive {"slow", 2, from}
      assert Rebeam.Server.reply(from, {:ok, 1}) == :ok
    end

    test "what the server's own casts were answered comes to handle_response" do
      shop()
      {:ok, later} = Rebeam.Server.start_link(Later, self(), name: "later")
      assert Rebeam.cast("client", "greet", "you", sender: later)
      assert_receive {:response, "greet", {:ok, "hello you"}}
      assert Rebeam.cast("shop", "get", "gold", sender: later)
      assert_receive {:response, "get", {:error, %{"missing" => "gold"}}}
    end
  end

  describe "names" do
    test "are Python's: unique, freed at the end, seen at once" do
      old = shop()
      Process.flag(:trap_exit, true)
      assert {:error, {:already_started, ^old}} = Shop.start_link({%{}, name: "shop"})
      # Learned natively, and forgotten at the change.
      assert from_python("shop", "get", "tea") == ["ok", 3]
      stop_supervised!(Shop)
      assert from_python("shop", "get", "tea") == ["down", "noproc"]
      shop("shop", %{"tea" => 4})
      assert from_python("shop", "get", "tea") == ["ok", 4]
    end

    test "work with every start, and with GenServer by {:via, ...}" do
      {:ok, pid} = Rebeam.Server.start(Shop, %{"tea" => 1}, name: "started")
      assert Rebeam.call("started", "get", "tea") == {:ok, 1}
      name = {:via, Rebeam.Names, "started"}
      assert GenServer.call(name, :size) == 1
      send(pid, {:put, "x", 1})
      assert GenServer.call(name, :size) == 2
      GenServer.stop(name)
      assert Rebeam.whereis("started") == nil
    end
  end

  test "many callers from both sides get their own answers" do
    shop("shop", Map.new(1..200, &{&1, &1 * &1}))

    1..1000
    |> Task.async_stream(
      fn n ->
        item = rem(n, 200) + 1

        if rem(n, 2) == 0,
          do: {item, from_python("shop", "get", item)},
          else: {item, Rebeam.call("shop", "get", item) |> Tuple.to_list()}
      end,
      max_concurrency: 50,
      timeout: 60_000
    )
    |> Enum.each(fn {:ok, {item, [status, value]}} ->
      assert {item, to_string(status), value} == {item, "ok", item * item}
    end)
  end
end

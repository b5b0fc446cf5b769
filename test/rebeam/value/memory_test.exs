defmodule Rebeam.Value.MemoryTest do
  # Python's memory in Elixir's hands: copied there, and given back late.
  use ExUnit.Case, async: true

  alias Rebeam.{InElixir, Program}

  @tag :slow
  test "a part whose binary was copied on its way is that copy" do
    python = """
    from rebeam import *
    class Holder(GenPy):
        name = "holder"
        @receive("keep")
        def keep(self, message):
            self.kept = message
        @receive("right")
        def right(self, message):
            return [set(bytes(each)) == {message} for each in self.kept]
        @receive("send")
        def send(self, message):
            data = bytes([7]) * 500_000
            self.sent = [data, memoryview(data)]
            cast(message, "give", self.sent)
    run_register_process(Holder())
    """

    code = """
    holder = wait_until(fn -> Rebeam.whereis("holder") end)
    Rebeam.cast(holder, "send", self())
    payload = receive do {:"$gen_cast", {:rebeam, "give", payload, _, _}} -> payload end
    # Behind the value's parts is what led to the message.
    [bytes, {_, _} = first, {_, _} = second | _] = payload
    change = fn part ->
      {reference, binary} = part |> :erlang.term_to_binary() |> :erlang.binary_to_term()
      {reference, :binary.copy(<<8>>, byte_size(binary))}
    end
    changed = [bytes, change.(first), change.(second)]
    {_, monitor} = spawn_monitor(fn -> GenServer.cast(holder, {:rebeam, "keep", changed, nil, nil}) end)
    receive do: ({:DOWN, ^monitor, _, _, _} -> :ok)
    for _ <- 1..20, do: :binary.copy(<<9>>, 500_000)
    show.(Rebeam.call(holder, "right", 8))
    for pid <- Process.list(), do: :erlang.garbage_collect(pid)
    for _ <- 1..20, do: :binary.copy(<<9>>, 500_000)
    show.(Rebeam.call(holder, "right", 8))
    """

    assert InElixir.lines!(python, code) == ["{:ok, [true, true]}", "{:ok, [true, true]}"]
  end

  @tag :slow
  test "memory of a script that ended stays, and can be given back" do
    python = """
    from rebeam import *
    cast("sink", "take", b"x" * 1_000_000)
    """

    code = """
    :yes = Rebeam.Names.register_name("sink", self())
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
    shared = fn -> Rebeam.Native.counts().shared end
    take = fn ->
      payload = receive do {:"$gen_cast", {:rebeam, "take", payload, _, _}} -> payload end
      receive do: ({:rebeam_script, ^script, {:status, 0}, :over} -> :ok)
      IO.inspect(Rebeam.Python.Ending.python())
      [_, {_, binary} | _] = payload
      IO.inspect({byte_size(binary), :binary.at(binary, 999_999)})
    end
    take.()
    :erlang.garbage_collect()
    wait_until(fn -> shared.() == 0 end)
    IO.inspect(shared.())
    Process.sleep(100) # on Python's thread
    IO.puts("alive")
    """

    folder = Program.folder(%{"main.py" => python})
    result = Program.elixir(code, cd: folder)
    assert {result.out, result.status} == {"0\n{1000000, 120}\n0\nalive\n", 0}
  end
end

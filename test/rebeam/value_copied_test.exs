defmodule Rebeam.ValueCopiedTest do
  # Memory that comes back as a copy, beside a reference that still means the memory it was.
  use ExUnit.Case, async: true

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
    holder = until.(fn -> Rebeam.whereis("holder") end)
    Rebeam.cast(holder, "send", self())
    payload = receive do {:"$gen_cast", {:rebeam, "give", payload, _, _}} -> payload end
    [_, {_, _}, {_, _}] = payload
    change = fn part ->
      {reference, binary} = part |> :erlang.term_to_binary() |> :erlang.binary_to_term()
      {reference, :binary.copy(<<8>>, byte_size(binary))}
    end
    [bytes | parts] = payload
    spawn(fn ->
      GenServer.cast(holder, {:rebeam, "keep", [bytes | Enum.map(parts, change)], nil, nil})
    end)
    for _ <- 1..20, do: :binary.copy(<<9>>, 500_000)
    show.(Rebeam.call(holder, "right", 8))
    for pid <- Process.list(), do: :erlang.garbage_collect(pid)
    for _ <- 1..20, do: :binary.copy(<<9>>, 500_000)
    show.(Rebeam.call(holder, "right", 8))
    """

    assert Rebeam.InElixir.lines!(python, code) == ["{:ok, [true, true]}", "{:ok, [true, true]}"]
  end
end

defmodule Rebeam.Leader do
  @moduledoc false
  # A group leader of the test's own: it keeps what is printed, and may be held up.

  @doc "Starts one."
  @spec start :: pid
  def start, do: spawn(fn -> serve("", nil) end)

  @doc "Runs `fun` with that group leader, and gives the caller its own back."
  @spec lead(pid, (... -> result)) :: result when result: term
  def lead(leader, fun) do
    before = Process.group_leader()
    Process.group_leader(self(), leader)

    try do
      fun.()
    after
      Process.group_leader(self(), before)
    end
  end

  @doc "What was printed since the last time."
  @spec take(pid) :: String.t()
  def take(leader) do
    send(leader, {:take, self()})

    receive do
      {^leader, text} -> text
    end
  end

  @doc "From now on it answers nobody, until it goes on."
  @spec hold(pid) :: term
  def hold(leader), do: send(leader, {:hold, self()})

  @spec go_on(pid) :: term
  def go_on(leader), do: send(leader, :go_on)

  defp serve(printed, holder) do
    receive do
      {:io_request, from, tag, request} ->
        text = text(request)
        if holder, do: send(holder, {:held, self(), text}) && held()
        send(from, {:io_reply, tag, :ok})
        serve(printed <> text, nil)

      {:take, pid} ->
        send(pid, {self(), printed})
        serve("", holder)

      {:hold, pid} ->
        serve(printed, pid)
    end
  end

  defp held do
    receive do
      :go_on -> :ok
    end
  end

  defp text({:put_chars, _encoding, text}), do: IO.chardata_to_string(text)
  defp text({:put_chars, encoding, m, f, a}), do: text({:put_chars, encoding, apply(m, f, a)})
  defp text(_request), do: ""
end

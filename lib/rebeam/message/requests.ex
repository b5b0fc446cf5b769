defmodule Rebeam.Message.Requests do
  @moduledoc false
  # Calls that are made for an actor by another process: many at once, and raw ones to any
  # GenServer. They carry the actor's pid as the sender, and the alias of their monitor as
  # the tag, so a reply comes to the process that works here, and one that is late to nobody.
  #
  # An answer is {status, packed}: what OTP answered is packed here, an actor's is already.

  import Rebeam.Message.Payload, only: [is_payload: 1]

  alias Rebeam.{Names, Packed, PythonError}
  alias Rebeam.Message.{Loans, Post}
  alias Rebeam.Value.Codec

  @type answer :: {String.t(), Packed.t()}
  @type result :: {:ok, term} | {:error, String.t(), String.t()}

  @self_call "an actor cannot call itself: it would wait for its own answer"

  @doc """
  Sends all `requests`, {target, subject, %Packed{} of the payload}, and waits for the answers, in
  milliseconds or nil for ever. Answers in order; nothing is sent if one is to `caller` itself.
  With `interrupt?` the work on what is not answered in time is stopped.
  """
  @spec call_many(pid, [tuple], timeout :: non_neg_integer | nil, boolean) :: result
  def call_many(caller, requests, timeout, interrupt?) do
    calls =
      for {{target, subject, %Packed{payload: data}}, index} <- Enum.with_index(requests),
          do: {target, &{:rebeam, subject, Loans.lend(data, &1)}, "requests[#{index}]: "}

    run(caller, calls, {timeout, interrupt?}, fn
      {status, payload} when status in [:ok, :error] and is_payload(payload) ->
        case Loans.take(payload) do
          {:ok, payload} -> {Atom.to_string(status), payload}
          {:error, text} -> {"error", pack(text)}
        end

      other ->
        text = "not an actor's answer: " <> inspect(other, limit: 20, printable_limit: 200)
        {"error", pack(text)}
    end)
  end

  @doc "Sends one raw request as `GenServer.call` would; the reply may be any term."
  @spec gen_call(pid, term, term, timeout :: non_neg_integer | nil) :: result
  def gen_call(caller, target, request, timeout) do
    calls = [{target, fn _pid -> request end, ""}]

    with {:ok, [answer]} <- run(caller, calls, {timeout, false}, &gen_answer/1) do
      {:ok, answer}
    end
  end

  defp gen_answer(reply) do
    case Codec.payload(reply) do
      {:ok, packed} -> {"ok", packed}
      {:error, text} -> {"error", pack("the reply could not be rebuilt: " <> text)}
    end
  end

  @doc "As `GenServer.cast`. False if the name or the process of this node does not exist."
  @spec gen_cast(term, term) :: result
  def gen_cast(target, request) do
    case Names.resolve(target) do
      {:ok, pid} ->
        GenServer.cast(pid, request)
        {:ok, node(pid) != node() or Process.alive?(pid)}

      :none ->
        {:ok, false}

      {:error, text} ->
        {:error, "ValueError", text}
    end
  end

  # ---- one wait for all ----------------------------------------------------------------

  defp run(caller, calls, {timeout, interrupt?}, answer) do
    deadline = timeout && now() + timeout
    # For a thread the caller is this process. Else nobody may be left to wait for.
    owner = if caller != self(), do: Process.monitor(caller)

    with {:ok, targets} <- resolve(calls, caller, []) do
      waits = targets |> Enum.zip(calls) |> Enum.map(&send_to(&1, caller))
      answers = collect(Enum.count(waits, &is_reference/1), %{}, {deadline, owner, answer})
      if interrupt?, do: interrupt(Enum.zip(waits, targets), answers, caller)
      {:ok, Enum.map(waits, &outcome(&1, answers))}
    end
  end

  defp interrupt(waits, answers, caller) do
    for {wait, {:ok, pid}} <- waits, is_reference(wait), not is_map_key(answers, wait) do
      Post.interrupt(pid, {caller, [:alias | wait]})
    end
  end

  defp resolve([], _caller, targets), do: {:ok, Enum.reverse(targets)}

  defp resolve([{target, _, where} | rest], caller, targets) do
    case Names.resolve(target) do
      {:ok, ^caller} -> {:error, "RuntimeError", where <> @self_call}
      {:error, text} -> {:error, "ValueError", where <> text}
      found -> resolve(rest, caller, [found | targets])
    end
  end

  # The reference by which its answer comes, or the answer.
  defp send_to({{:ok, pid}, {_, message, _}}, caller) do
    wait = :erlang.monitor(:process, pid, alias: :reply_demonitor)
    send(pid, {:"$gen_call", {caller, [:alias | wait]}, message.(pid)})
    wait
  end

  defp send_to({:none, _}, _caller), do: {:down, "noproc"}

  # Each wait ends once: a reply ends its monitor, and what ended the monitor its alias. What is
  # lent to an alias is taken as it comes: it is not kept until the others have answered.
  defp collect(0, answers, _until), do: answers

  defp collect(open, answers, {deadline, owner, answer} = until) do
    receive do
      {[:alias | wait], reply} ->
        collect(open - 1, Map.put(answers, wait, answer.(reply)), until)

      {:DOWN, ^owner, :process, _, _} ->
        answers

      {:DOWN, wait, :process, _, reason} ->
        down = {:down, PythonError.reason_text(reason)}
        collect(open - 1, Map.put(answers, wait, down), until)
    after
      left(deadline) -> answers
    end
  end

  defp outcome(wait, answers) do
    {status, packed} =
      case if(is_reference(wait), do: Map.get(answers, wait, :timeout), else: wait) do
        {:down, text} -> {"down", pack(text)}
        :timeout -> {"timeout", pack(nil)}
        answered -> answered
      end

    {status, %Packed{payload: packed}}
  end

  defp left(nil), do: :infinity
  defp left(deadline), do: max(deadline - now(), 0)

  defp now, do: System.monotonic_time(:millisecond)

  defp pack(term) do
    {:ok, packed} = Codec.pack(term)
    packed
  end
end

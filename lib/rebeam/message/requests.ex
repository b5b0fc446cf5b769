defmodule Rebeam.Message.Requests do
  @moduledoc false
  # Calls that are made for an actor by another process: many at once, and raw ones to any
  # GenServer. They carry the actor's pid as the sender, and the alias of their monitor as
  # the tag, so a reply comes to the process that works here, and one that is late to nobody.
  #
  # An answer is {status, packed}: what OTP answered is packed here, an actor's is already.

  alias Rebeam.{Names, Packed}
  alias Rebeam.Message.{Loans, Post, Watch}
  alias Rebeam.Value.Codec

  @type answer :: {String.t(), Packed.t()}
  @type result :: {:ok, term} | {:error, String.t(), String.t()}

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

    run(caller, calls, {timeout, interrupt?}, &Watch.answer/1)
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
      {:ok, packed} -> {:ok, packed}
      {:error, text} -> {:error, Codec.pack!("the reply could not be rebuilt: " <> text)}
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
    deadline = Watch.deadline(timeout)
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
      {:ok, ^caller} -> {:error, "RuntimeError", where <> Watch.self_call()}
      {:error, text} -> {:error, "ValueError", where <> text}
      found -> resolve(rest, caller, [found | targets])
    end
  end

  # The reference by which its answer comes, or what there is instead.
  defp send_to({{:ok, pid}, {_, message, _}}, caller) do
    wait = Watch.aliased(pid)
    send(pid, {:"$gen_call", {caller, [:alias | wait]}, message.(pid)})
    wait
  end

  defp send_to({:none, _}, _caller), do: packed(Watch.down(:noproc))

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
        collect(open - 1, Map.put(answers, wait, packed(Watch.down(reason))), until)
    after
      Watch.left(deadline) -> answers
    end
  end

  defp outcome(wait, answers) when is_reference(wait) do
    answers |> Map.get_lazy(wait, fn -> packed(Watch.timeout()) end) |> outcome(answers)
  end

  defp outcome({status, payload}, _answers),
    do: {Atom.to_string(status), %Packed{payload: payload}}

  defp packed({status, term}), do: {status, Codec.pack!(term)}
end

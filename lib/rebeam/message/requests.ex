defmodule Rebeam.Message.Requests do
  @moduledoc false
  # Calls that are made for an actor by another process: many at once, and raw ones to any
  # GenServer. They carry the actor's pid as the sender, and the alias of their monitor as
  # the tag, so a reply comes to the process that works here, and one that is late to nobody.
  #
  # An answer is {status, packed}: what OTP answered is packed here, an actor's is already.

  alias Rebeam.{Deadline, Names, Native, Nodes, Packed}
  alias Rebeam.Message.{Loans, Post, Reasons, Watch}
  alias Rebeam.Nodes.Courier
  alias Rebeam.Value.Codec

  @type answer :: {String.t(), Packed.t()}
  @type result :: {:ok, term} | {:error, String.t(), String.t()}

  @doc """
  Sends all `requests`, {target, subject, payload}, and waits for the answers, in
  milliseconds or nil for ever. Answers in order; nothing is sent if one is to `caller` itself.
  With `interrupt?` the work on what is not answered in time is stopped.
  """
  @spec call_many(pid, [tuple], timeout :: non_neg_integer | nil, boolean) :: result
  def call_many(caller, requests, timeout, interrupt?) do
    calls =
      for {{target, subject, payload}, index} <- Enum.with_index(requests),
          do: {target, &{:rebeam, subject, Loans.lend(payload, &1)}, "requests[#{index}]: "}

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
        Courier.deliver(pid, {:"$gen_cast", request})
        {:ok, node(pid) != node() or Process.alive?(pid)}

      {:error, text} ->
        {:error, "ValueError", text}

      _nobody ->
        {:ok, false}
    end
  end

  # ---- one wait for all ----------------------------------------------------------------

  # `open`: of each call by the tag of its answer, {index, pid}; and of what another process waits
  # for, by the tag of what it tells: a target, {:ask, the indices of the requests to it}, or a node,
  # {:node, node}. `queues`: of each such node the requests to it, {pid, index}, the last one first.
  defp run(caller, calls, {timeout, interrupt?}, answer) do
    # For a thread the caller is this process. Else nobody may be left to wait for.
    owner = if caller != self(), do: Process.monitor(caller)
    job = %{caller: caller, owner: owner, answer: answer, deadline: Deadline.of(timeout)}
    job = Map.merge(job, %{calls: List.to_tuple(calls), open: %{}, queues: %{}, answers: %{}})

    with {:ok, found} <- find(calls, caller) do
      job = found |> Enum.reduce(job, &begin/2) |> collect()
      if interrupt?, do: interrupt(job)
      {:ok, for(index <- 0..(length(calls) - 1)//1, do: outcome(job.answers[index]))}
    end
  end

  defp interrupt(%{open: open, caller: caller}) do
    for {wait, {index, pid}} when is_integer(index) <- open,
        do: Post.interrupt(pid, {caller, [:alias | wait]})
  end

  # {what a target means, the indices of its requests}, in order. What another node is asked for it
  # is asked for once: so the requests to it keep their order.
  defp find(calls, caller) do
    found = for {target, _, where} <- calls, do: {Names.find(target), target, where}

    with nil <- Enum.find_value(found, &refusal(&1, caller)) do
      {asks, known} =
        found |> Enum.with_index() |> Enum.split_with(&match?({{{:ask, _}, _, _}, _}, &1))

      asked = Enum.group_by(asks, fn {{ask, _, _}, _} -> ask end, &elem(&1, 1))
      {:ok, for({{found, _, _}, index} <- known, do: {found, [index]}) ++ Enum.to_list(asked)}
    end
  end

  defp refusal({{:ok, caller}, _, where}, caller),
    do: {:error, "RuntimeError", where <> Watch.self_call()}

  defp refusal({{:error, text}, _, where}, _caller), do: {:error, "ValueError", where <> text}
  defp refusal(_found, _caller), do: nil

  defp begin({{:ask, question}, indices}, job) do
    apart(job, {:ask, indices}, &Names.ask(question, &1, :any))
  end

  defp begin({found, indices}, job), do: Enum.reduce(indices, job, &send_to(found, &1, &2))

  defp send_to({:ok, pid}, index, %{caller: caller} = job) when pid != caller do
    node = node(pid)

    cond do
      is_map_key(job.queues, node) -> update_in(job.queues[node], &[{pid, index} | &1])
      Nodes.busy?(node) -> queue(node, {pid, index}, job)
      true -> put_in(job.open[send_now(pid, index, job)], {index, pid})
    end
  end

  defp send_to({:ok, _caller}, index, job),
    do: answered(job, index, packed({:error, Watch.self_call()}))

  defp send_to({:error, text}, index, job), do: answered(job, index, packed({:error, text}))
  defp send_to(:none, index, job), do: answered(job, index, packed(Watch.down(:noproc)))

  defp send_to(:unreachable, index, job),
    do: answered(job, index, packed(Watch.down(:noconnection)))

  defp send_to(:timeout, index, job), do: answered(job, index, packed(Watch.timeout()))

  defp send_now(pid, index, job) do
    {_, message, _} = elem(job.calls, index)
    wait = Watch.aliased(pid)
    Courier.deliver(pid, {:"$gen_call", {job.caller, [:alias | wait]}, message.(pid)})
    wait
  end

  # Whoever waits for a node that takes nothing cannot wait for the others.
  defp queue(node, request, job) do
    put_in(job.queues[node], [request]) |> apart({:node, node}, &Nodes.await_free(node, &1))
  end

  # In a process that is killed with this one, for as long as there is time.
  defp apart(job, what, fun) do
    {all, tag, left} = {self(), make_ref(), Deadline.left(job.deadline)}
    spawn_link(fn -> send(all, {:apart, tag, fun.(left)}) end)
    put_in(job.open[tag], what)
  end

  # Each wait ends once: a reply ends its monitor, and what ended the monitor its alias. What is
  # lent to an alias is taken as it comes: it is not kept until the others have answered.
  defp collect(%{open: open} = job) when open == %{}, do: job

  defp collect(%{open: open, owner: owner} = job) do
    receive do
      {[:alias | wait], reply} ->
        {{index, _pid}, open} = Map.pop!(open, wait)
        collect(answered(%{job | open: open}, index, job.answer.(reply)))

      {:apart, tag, result} ->
        {what, open} = Map.pop!(open, tag)
        collect(told(what, result, %{job | open: open}))

      {:DOWN, ^owner, :process, _, _} ->
        job

      {:DOWN, monitor, :process, _, reason} ->
        {{index, _pid}, open} = Map.pop!(open, monitor)
        collect(answered(%{job | open: open}, index, packed(Watch.down(reason))))
    after
      Deadline.left(job.deadline) -> job
    end
  end

  defp told({:ask, indices}, found, job), do: begin({found, indices}, job)

  # What is not sent by now is not answered in time.
  defp told({:node, _node}, false, job), do: job

  defp told({:node, node}, true, job) do
    {queue, queues} = Map.pop!(job.queues, node)
    job = %{job | queues: queues}

    # Without a connection, though there was time to make one, there can be none.
    found = if node in Node.list(:connected), do: &{:ok, &1}, else: fn _pid -> :unreachable end

    queue
    |> Enum.reverse()
    |> Enum.reduce(job, fn {pid, index}, job -> send_to(found.(pid), index, job) end)
  end

  # ---- what was sent natively ------------------------------------------------------------

  @doc """
  Watches over calls, {number, pid}, that the native part of an actor has sent (c_src/actor/many.h),
  until its wait is over: answers those whose target ends, and, when the time is over, all others.
  """
  @spec watch({pid, reference, pos_integer}, [{pos_integer, pid}], timeout, boolean) :: :ok
  def watch({caller, _, _} = wait, calls, timeout, interrupt?) do
    monitors = for {pid, numbers} <- by_target(calls), do: {Process.monitor(pid), numbers}
    deadline = Deadline.of(timeout)
    job = %{wait: wait, calls: calls, owner: Process.monitor(caller), interrupt?: interrupt?}
    watch(job, Map.new(monitors), deadline)
  end

  defp by_target(calls), do: Enum.group_by(calls, &elem(&1, 1), &elem(&1, 0))

  defp watch(_job, open, _deadline) when open == %{}, do: :ok

  defp watch(%{owner: owner} = job, open, deadline) do
    receive do
      {:DOWN, ^owner, :process, _, _} ->
        :ok

      {:DOWN, monitor, :process, pid, reason} ->
        {numbers, open} = Map.pop!(open, monitor)
        reason = if reason == :noproc, do: Reasons.reason(pid, true), else: reason
        answer(job, numbers, Watch.down(reason))
        watch(job, open, deadline)
    after
      Deadline.left(deadline) -> give_up(job)
    end
  end

  defp give_up(%{wait: {caller, native, sequence}} = job) do
    numbers = Native.actor_unanswered(native, sequence)

    if job.interrupt? do
      open = MapSet.new(numbers)

      # The last one first, so that none begins as one before it ends.
      for {number, pid} <- Enum.reverse(job.calls),
          number in open,
          do: Post.interrupt(pid, {caller, [:"$rebeam", number | native]})
    end

    answer(job, numbers, Watch.timeout())
  end

  # One that is there already stays.
  defp answer(%{wait: {_, native, _}}, numbers, answer) do
    {status, payload} = packed(answer)
    for number <- numbers, do: Native.actor_resume(native, number, :reply, status, payload)
    :ok
  end

  defp answered(job, index, answer), do: put_in(job.answers[index], answer)

  defp outcome(nil), do: outcome(packed(Watch.timeout()))
  defp outcome({status, payload}), do: {Atom.to_string(status), %Packed{payload: payload}}

  defp packed({status, term}), do: {status, Codec.pack!(term)}
end

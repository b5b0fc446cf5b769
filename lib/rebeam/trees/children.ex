defmodule Rebeam.Trees.Children do
  @moduledoc false
  # Children of any supervisor, asked for by Python: of ours, of Elixir's and of Erlang's.
  #
  # All functions wait for the supervisor. Errors are `{:error, exception, text}` for Python;
  # the text of a refusal begins with OTP's word for it.

  alias Rebeam.{Names, Nodes, PythonError, Trees}
  alias Rebeam.Child.{Backoff, DynamicServer, Lineage, Starter}
  alias Rebeam.Units.{Pool, StandIn}

  @type error :: {:error, exception :: String.t(), text :: String.t()}
  @type kind :: :static | :dynamic | :simple

  @doc "The supervisor's process, and which kind it is."
  @spec supervisor(term) :: {:ok, pid, kind} | error
  def supervisor(target) do
    case Names.resolve(target) do
      {:ok, pid} when is_pid(pid) -> check(pid)
      {:error, text} -> {:error, "ValueError", text}
      :timeout -> no_answer(target)
      :none -> {:error, "LookupError", "noproc: no supervisor #{show(target)}"}
    end
  end

  @doc "What is said of a supervisor whose node does not answer."
  @spec no_answer(term) :: error
  def no_answer(target),
    do:
      {:error, "LookupError",
       "timeout: the node of the supervisor #{show(target)} does not answer"}

  defp check(pid) do
    case Nodes.on_node_of(pid, :proc_lib, :translate_initial_call, [pid]) do
      {:supervisor, Trees.Static, 1} ->
        {:ok, pid, :static}

      {:supervisor, Trees.Dynamic, 1} ->
        {:ok, pid, :dynamic}

      {:supervisor, _module, 1} ->
        {:ok, pid, Nodes.while_answering(node(pid), fn -> kind(pid) end)}

      _ ->
        no_supervisor(pid)
    end
  end

  @doc "Whether it is one of Python's own dynamic ones, which take many children at once."
  @spec ours?(pid) :: boolean
  def ours?(sup),
    do: :proc_lib.translate_initial_call(sup) == {:supervisor, Trees.Dynamic, 1}

  # Elixir's look like Erlang's from outside, but for what they keep. Of Erlang's those that are
  # simple_one_for_one say so when they are asked for a child by an id.
  defp kind(sup) do
    case :sys.get_state(sup, :infinity) do
      %DynamicSupervisor{} -> :dynamic
      _ -> erlang_kind(sup)
    end
  end

  defp erlang_kind(sup) do
    case :supervisor.terminate_child(sup, make_ref()) do
      {:error, :simple_one_for_one} -> :simple
      {:error, :not_found} -> :static
    end
  end

  defp no_supervisor(pid) do
    if Nodes.on_node_of(pid, Process, :alive?, [pid]),
      do: {:error, "TypeError", "the process #{show(pid)} is no supervisor"},
      else: {:error, "LookupError", "noproc: no supervisor #{show(pid)}, it ended"}
  end

  # ---- starting --------------------------------------------------------------------

  @doc """
  Starts one more child. At this first start the supervisor does not wait for an actor's
  `@start`, but this function does. What fails to start is removed again.
  """
  @spec start(pid, kind, map, [reference]) :: {:ok, pid} | error
  def start(sup, kind, child, handles) do
    with :ok <- startable(sup, kind, child),
         [{child, _}] = named_all([{child, nil}], sup, kind),
         {:ok, pid} <- start_named(sup, kind, child, handles) do
      {:ok, pid}
    else
      {:error, reason} -> {:error, "RuntimeError", Starter.reason_text(reason)}
      {:error, _, _} = error -> error
    end
  end

  @doc "Whether that supervisor takes such a child."
  @spec startable(pid, kind, map) :: :ok | error
  def startable(sup, kind, _child) when node(sup) != node() or kind == :simple do
    why = if kind == :simple, do: "it is simple_one_for_one", else: "it is on another node"
    {:error, "ValueError", "cannot start a child of #{show(sup)}: #{why}"}
  end

  def startable(sup, :dynamic, %{"significant" => true}),
    do: {:error, "ValueError", "#{show(sup)} is dynamic: none of its children is significant"}

  def startable(_sup, _kind, child), do: placeable(child)

  @doc "Whether there is a worker of that kind now. Who starts a child at run time does not wait for one."
  @spec placeable(map) :: :ok | error
  def placeable(child) do
    with place when place != nil <- Trees.place(child),
         text when text != nil <- Pool.refusal(place),
         do: {:error, "RuntimeError", text},
         else: (nil -> :ok)
  end

  @doc "Whether the start of such a child is more than that its process is there."
  @spec awaited?(map) :: boolean
  def awaited?(%{"kind" => "run"}), do: false
  def awaited?(%{"tree" => %{"dynamic" => true}}), do: false
  def awaited?(_child), do: true

  @doc "Each child with an id that is free now, unless it has one of its own."
  @spec named_all([{map, what}], pid, kind) :: [{map, what}] when what: term
  def named_all(items, sup, :static) do
    if Enum.any?(items, fn {child, _} -> child["own_id"] == false end),
      do: with_ids(items, for({id, _, _, _} <- :supervisor.which_children(sup), do: id)),
      else: items
  end

  def named_all(items, _sup, _kind), do: items

  # The ids of these are taken as well. `next`: the number to try for a label.
  defp with_ids(items, taken) do
    own = for {%{"own_id" => true, "id" => id}, _} <- items, do: id

    {named, _} =
      Enum.map_reduce(items, {MapSet.new(taken ++ own), %{}}, fn
        {%{"own_id" => false, "id" => label} = child, what}, {taken, next} ->
          {id, number} = free(label, Map.get(next, label, 1), taken)

          {{%{child | "id" => id}, what},
           {MapSet.put(taken, id), Map.put(next, label, number + 1)}}

        item, ids ->
          {item, ids}
      end)

    named
  end

  defp free(label, number, taken) do
    id = if number == 1, do: label, else: "#{label}##{number}"
    if id in taken, do: free(label, number + 1, taken), else: {id, number}
  end

  defp start_named(sup, kind, child, handles),
    do: start_alone(sup, kind, child, handles, &Trees.spec(&1, handles, &2))

  @doc "Adds a child as `add/4` does, and waits for the rest of its start."
  @spec start_alone(pid, kind, map, [reference], (map, Starter.t() -> map)) ::
          {:ok, pid} | {:error, term} | error
  def start_alone(sup, kind, child, handles, make) do
    starter = Starter.new(:first)

    with {:ok, pid, child} <- add(sup, kind, child, &make.(&1, starter)) do
      case settle(child, pid, handles, starter) do
        {:ok, actor} ->
          {:ok, actor}

        {:error, reason} ->
          remove(sup, kind, child["id"], pid)
          # A sibling that fails may cut it off, by the supervisor's strategy.
          if Starter.wanted?(starter),
            do: start_alone(sup, kind, child, handles, make),
            else: {:error, reason}
      end
    end
  end

  @doc """
  Adds a child whose specification `make` makes: its process is there then. It comes with another id
  if the one that it was given has been taken meanwhile.
  """
  @spec add(pid, kind, map, (map -> map)) :: {:ok, pid, map} | {:error, term} | error
  def add(sup, kind, child, make) do
    case start_spec(sup, kind, make.(child)) do
      {:ok, pid} ->
        {:ok, pid, child}

      # Another took that id in the meantime.
      {:refused, word} when word in [:already_started, :already_present] ->
        retry(sup, kind, child, make, word)

      {:refused, word} ->
        refusal(word, sup, child["id"])

      {:error, reason} ->
        {:error, reason}
    end
  end

  defp retry(sup, kind, %{"own_id" => false} = child, make, _word) do
    [{child, _}] = named_all([{child, nil}], sup, kind)
    add(sup, kind, child, make)
  end

  defp retry(sup, _kind, child, _make, word), do: refusal(word, sup, child["id"])

  defp start_spec(sup, :dynamic, spec) do
    case DynamicSupervisor.start_child(sup, Map.delete(spec, :significant)) do
      {:error, :max_children} -> {:refused, :max_children}
      {:ok, pid, _} -> {:ok, pid}
      :ignore -> {:error, :ignore}
      result -> result
    end
  end

  # What a start function says comes with the child; what the supervisor says does not.
  defp start_spec(sup, :static, spec) do
    case :supervisor.start_child(sup, spec) do
      {:error, {reason, child}} when elem(child, 0) == :child -> {:error, reason}
      {:error, {:already_started, _} = reason} -> already_started(sup, spec.id, reason)
      {:error, :already_present} -> {:refused, :already_present}
      {:error, {:bad_combination, _}} -> {:refused, :bad_combination}
      result -> result
    end
  end

  # Newer OTP leaves the child out here also when the start function said so: then it is the name
  # that is taken, and no child has the id.
  defp already_started(sup, id, reason) do
    case :supervisor.get_childspec(sup, id) do
      {:ok, _} -> {:refused, :already_started}
      {:error, :not_found} -> {:error, reason}
    end
  end

  # What is left of a start once the process is there.
  defp settle(%{"kind" => kind}, pid, _handles, starter) when kind in ["actor", "statem"],
    do: Starter.await(pid, starter)

  defp settle(
         %{"kind" => "supervisor", "tree" => %{"dynamic" => false}} = child,
         pid,
         handles,
         starter
       ) do
    with :ok <- fill(pid, child["tree"]["children"], handles) do
      Starter.tell(starter, {:ok, pid})
      {:ok, pid}
    end
  end

  defp settle(_child, pid, _handles, _starter), do: {:ok, StandIn.actor(pid)}

  @doc "Starts the children of a supervisor that has started without them."
  @spec fill(pid, [map], [reference]) :: :ok | {:error, term}
  def fill(sup, children, handles) do
    Enum.reduce_while(children, :ok, fn child, :ok ->
      case add_first(sup, child, handles) do
        {:ok, _} -> {:cont, :ok}
        {:error, "RuntimeError", text} -> {:halt, failed(child, text)}
        {:error, reason} -> {:halt, failed(child, reason)}
      end
    end)
  end

  defp add_first(sup, child, handles) do
    start_named(sup, :static, child, handles)
  catch
    :exit, {reason, _} -> {:error, {:shutdown, "its supervisor ended: #{inspect(reason)}"}}
  end

  defp failed(child, reason),
    do: {:error, {:shutdown, {:failed_to_start_child, child["id"], reason}}}

  @doc "Ends a child, and has its supervisor forget it."
  @spec remove(pid, kind, String.t(), pid) :: term
  def remove(sup, :dynamic, _id, pid), do: DynamicSupervisor.terminate_child(sup, pid)

  def remove(sup, :static, id, _pid) do
    :supervisor.terminate_child(sup, id)
    :supervisor.delete_child(sup, id)
  catch
    # It ended itself, and with it the child.
    :exit, _ -> :ok
  end

  # ---- ending ----------------------------------------------------------------------

  @doc "Ends a child: told by its id, or by its process."
  @spec terminate(pid, kind, String.t() | pid) :: {:ok, nil} | error
  def terminate(sup, :static, child), do: by_id(sup, child, &:supervisor.terminate_child/2)

  def terminate(sup, _kind, child) do
    with {:ok, pid} <- find_pid(sup, child) do
      case :supervisor.terminate_child(sup, pid) do
        :ok -> {:ok, nil}
        {:error, word} -> refusal(word, sup, child)
      end
    end
  end

  @doc "Starts a child again that was ended."
  @spec restart(pid, kind, String.t() | pid) :: {:ok, pid} | error
  def restart(sup, :static, child), do: by_id(sup, child, &restart_now/2)
  def restart(sup, _kind, _child), do: forgets(sup)

  # Not after its back-off, however it was ended. One that runs keeps it for its next failure.
  defp restart_now(sup, id) do
    with {_, :undefined, _, _} <- List.keyfind(children(sup), id, 0),
         {:ok, %{start: start}} <- :supervisor.get_childspec(sup, id),
         options when options != nil <- Trees.options(start),
         do: Backoff.ended(options[:backoff], :shutdown)

    :supervisor.restart_child(sup, id)
  end

  @doc "Forgets a child that was ended."
  @spec delete(pid, kind, String.t() | pid) :: {:ok, nil} | error
  def delete(sup, :static, child), do: by_id(sup, child, &:supervisor.delete_child/2)
  def delete(sup, _kind, _child), do: forgets(sup)

  defp forgets(sup) do
    {:error, "TypeError",
     "#{show(sup)} is dynamic: it forgets children that ended, so none can be restarted or deleted"}
  end

  defp by_id(sup, child, fun) do
    with {:ok, id} <- find_id(sup, child) do
      case fun.(sup, id) do
        :ok ->
          {:ok, nil}

        {:ok, pid} when is_pid(pid) ->
          {:ok, StandIn.actor(pid)}

        {:ok, pid, _} ->
          {:ok, pid}

        {:ok, :undefined} ->
          {:error, "RuntimeError", "the child #{show(child)} was not started"}

        {:error, word} when word in [:running, :restarting, :not_found] ->
          refusal(word, sup, child)

        {:error, reason} ->
          {:error, "RuntimeError", PythonError.start_error(reason)}
      end
    end
  end

  defp find_id(sup, child) do
    found = Enum.find(children(sup), fn {id, pid, _, _} -> child in [pid, text(id)] end)
    if found, do: {:ok, elem(found, 0)}, else: refusal(:not_found, sup, child)
  end

  defp find_pid(_sup, child) when is_pid(child) and node(child) == node(), do: {:ok, child}

  defp find_pid(sup, child) when is_pid(child) do
    pids = for {_, pid, _, _} when is_pid(pid) <- :supervisor.which_children(sup), do: pid
    {:ok, Enum.find(pids, child, &(StandIn.actor(&1) == child))}
  end

  defp find_pid(sup, child) do
    case for {pid, {^child, _}} <- about(:supervisor.which_children(sup)), do: pid do
      [pid] ->
        {:ok, pid}

      [] ->
        refusal(:not_found, sup, child)

      more ->
        {:error, "LookupError", "#{length(more)} children are #{show(child)}: give the ProcessID"}
    end
  end

  # ---- looking ---------------------------------------------------------------------

  @doc "`{id, pid, kind, state}` of each child."
  @spec which(pid, kind) :: {:ok, [{String.t(), pid | nil, String.t(), String.t()}]}
  def which(sup, kind) do
    children = sup |> :supervisor.which_children() |> in_order(kind)
    about = about(children)
    {:ok, Enum.map(children, &describe(&1, about))}
  end

  defp about(children),
    do: Lineage.about_all(for {_, pid, _, _} when is_pid(pid) <- children, do: pid)

  @spec count(pid) :: {:ok, %{String.t() => non_neg_integer}}
  def count(sup) do
    {:ok, Map.new(:supervisor.count_children(sup), fn {key, n} -> {Atom.to_string(key), n} end)}
  end

  # With actors in the place of those who stand for them.
  defp children(sup) do
    for {id, pid, type, modules} <- :supervisor.which_children(sup),
        do: {id, StandIn.actor(pid), type, modules}
  end

  defp in_order(children, :static), do: Enum.reverse(children)
  defp in_order(children, _kind), do: Enum.sort_by(children, &elem(&1, 1))

  # What a unit's actor is called, and whether it waits for its back-off, its stand-in knows.
  defp describe({id, pid, type, _}, about) when is_pid(pid) do
    {label, note} = Map.get(about, pid, {nil, nil})
    shown = if id == :undefined, do: label || text(id), else: text(id)
    {shown, StandIn.actor(pid), Atom.to_string(type), state(note)}
  end

  defp describe({id, :restarting, type, _}, _about),
    do: {text(id), nil, Atom.to_string(type), "restarting"}

  defp describe({id, :undefined, type, _}, _about),
    do: {text(id), nil, Atom.to_string(type), "stopped"}

  defp state(:backing_off), do: "restarting"
  defp state(:standing_by), do: "standing by"
  defp state(:waiting), do: "waiting"
  defp state(_note), do: "running"

  defp text(id), do: if(is_binary(id) and String.valid?(id), do: id, else: inspect(id))

  # ---- refusals --------------------------------------------------------------------

  @doc "A supervisor has so many children already, and no room for so many more."
  @spec full(pid, non_neg_integer, pos_integer) :: error
  def full(sup, has, more) do
    {:error, "RuntimeError",
     "max_children: #{show(sup)} has #{has} children, and no place for #{more} more"}
  end

  defp refusal(:not_found, sup, child),
    do: {:error, "LookupError", "not_found: #{show(sup)} has no child #{show(child)}"}

  defp refusal(:max_children, sup, _child) do
    %{specs: count} = DynamicSupervisor.count_children(sup)
    {:error, "RuntimeError", DynamicServer.full_text(sup, count)}
  end

  defp refusal(word, sup, child) do
    {:error, "RuntimeError", "#{word}: #{sentence(word, show(child), show(sup))}"}
  end

  defp sentence(:already_started, child, sup), do: "#{sup} has a child #{child}, and it runs"

  defp sentence(:already_present, child, sup),
    do: "#{sup} has a child #{child} that was ended: restart it, or delete it first"

  defp sentence(:running, child, sup), do: "the child #{child} of #{sup} runs: terminate it first"

  defp sentence(:restarting, child, sup),
    do: "the child #{child} of #{sup} is being restarted: terminate it first"

  defp sentence(:bad_combination, child, sup),
    do: "the child #{child} is significant, but auto_shutdown of #{sup} is never"

  defp sentence(_word, child, sup), do: "#{sup} refuses this for its child #{child}"

  @doc "A process as Python shows it; anything else as Elixir does."
  @spec show(term) :: String.t()
  def show(pid) when is_pid(pid), do: List.to_string(:erlang.pid_to_list(pid))
  def show(other), do: inspect(other)
end

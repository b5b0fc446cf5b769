defmodule Rebeam.Child.Lineage do
  @moduledoc false
  # Which supervisor waits right now for which of its children, so that a child is told
  # instead of waiting for ever for a supervisor that waits for it.
  #
  # All in process dictionaries. A start has a reference: the parent has it while it waits
  # for the start, the child from then on. A supervisor that ends a child monitors it.

  alias Rebeam.Nodes

  @waits_for :"$rebeam_waits_for"
  @start :"$rebeam_start"
  @label :"$rebeam_label"
  @note :"$rebeam_note"
  @restart :"$rebeam_restart"
  @strategy :"$rebeam_strategy"
  @limit :"$rebeam_limit"

  @doc "In the parent: runs `fun`, which starts a child with this reference and waits for it."
  @spec start((reference -> result)) :: result when result: term
  def start(fun) do
    start = make_ref()
    Process.put(@waits_for, start)
    fun.(start)
  after
    Process.delete(@waits_for)
  end

  @doc "In the child: which start it came from, nil if nobody waits, and what it is called."
  @spec born(reference | nil, String.t() | nil) :: :ok
  def born(start, label) do
    Process.put(@start, start)
    Process.put(@label, label)
    :ok
  end

  @doc "In the child: its start is over, and nobody waits for it."
  @spec begun :: :ok
  def begun do
    Process.delete(@start)
    :ok
  end

  @doc "In the child: whether some supervisor may be waiting for it, to start or to end."
  @spec awaited? :: boolean
  def awaited?, do: Process.get(@start) != nil or Process.get(@note) == :ending

  @doc "In the child: how its supervisor restarts it."
  @spec restarted(:permanent | :transient | :temporary | nil) :: term
  def restarted(restart), do: Process.put(@restart, restart)

  @doc "What that said, of the process with that dictionary; nil: it has no supervisor of Python's."
  @spec restart(keyword) :: :permanent | :transient | :temporary | nil
  def restart(dictionary), do: dictionary[@restart]

  @doc "In a supervisor: its strategy, for who looks in."
  @spec note_strategy(atom) :: term
  def note_strategy(strategy), do: Process.put(@strategy, strategy)

  @doc "What that said, of a process of this node."
  @spec strategy(pid) :: atom
  def strategy(pid) do
    with {:dictionary, dictionary} <- Process.info(pid, :dictionary),
         do: dictionary[@strategy]
  end

  @typedoc "`limit`: how many restarts in how many seconds it allows, where that is known."
  @type supervisor :: %{
          pid: pid,
          label: String.t() | nil,
          restart: :permanent | :transient | :temporary,
          limit: {non_neg_integer, pos_integer} | nil
        }

  @doc "In a supervisor: how many restarts it allows in how many seconds."
  @spec limited(non_neg_integer, pos_integer) :: term
  def limited(restarts, seconds), do: Process.put(@limit, {restarts, seconds})

  @doc "In the child: its supervisor, which may be one in another unit; nil if it has none."
  @spec supervisor :: supervisor | nil
  def supervisor do
    with restart when restart != nil <- Process.get(@restart),
         [_ | _] = ancestors <- Process.get(:"$ancestors"),
         pid when is_pid(pid) <- ancestors |> parent() |> whereis() do
      dictionary = dictionary(pid)
      %{pid: pid, label: dictionary[@label], restart: restart, limit: dictionary[@limit]}
    else
      _ -> nil
    end
  end

  # In a unit it is on the other side of what stands for the child there.
  defp parent([stand_in, parent | _]) when is_pid(stand_in) and node(stand_in) != node(),
    do: parent

  defp parent([parent | _]), do: parent

  defp whereis(name) when is_atom(name), do: Process.whereis(name)
  defp whereis(pid), do: pid

  @doc "Who sends what comes from that process, and what logs call it; nil if that is nothing."
  @spec sender(pid) :: {String.t() | nil, pid}
  def sender(pid) do
    case dictionary(pid) do
      %{"$callers": [caller | _]} -> sender(caller)
      %{"$process_label": label} when is_binary(label) -> {label, pid}
      _ -> {nil, pid}
    end
  end

  defp dictionary(pid) do
    case Nodes.process_infos([pid], [:dictionary]) do
      %{^pid => [dictionary: dictionary]} -> Map.new(dictionary)
      _ -> %{}
    end
  end

  @doc "The processes that one has started and is linked to, in the order of their ids."
  @spec started(pid) :: [pid]
  def started(pid) do
    case Nodes.process_info(pid, [:links]) do
      [links: links] ->
        Enum.sort(for each <- links, is_pid(each), started_by(each) == pid, do: each)

      nil ->
        []
    end
  end

  defp started_by(pid) do
    with [parent | _] <- dictionary(pid)[:"$ancestors"], do: whereis(parent)
  end

  @type note :: :backing_off | :standing_by | :waiting | :ending | nil

  @doc "In the child: it is doing that, or nil for nothing of that kind; `:waiting` is for a worker."
  @spec note(note) :: :ok
  def note(note) do
    Process.put(@note, note)
    :ok
  end

  @doc "What `born` and `note` said about each of these processes."
  @spec about_all([pid]) :: %{
          pid => {String.t() | nil, note}
        }
  def about_all(pids) do
    for {pid, info} <- Nodes.process_infos(pids, [:dictionary]), into: %{} do
      dictionary = info[:dictionary]
      {pid, {dictionary[@label], dictionary[@note]}}
    end
  end

  @doc "True if `parent` waits for `child` to start."
  @spec starts?(pid, pid) :: boolean
  def starts?(child, parent) do
    {own, _} = look(child)
    {above, _} = look(parent)
    own[@start] != nil and own[@start] == above[@waits_for]
  end

  @doc "True if a process waits for a child of its own to start."
  @spec waits?(pid) :: boolean
  def waits?(pid) do
    {dictionary, _} = look(pid)
    dictionary[@waits_for] != nil
  end

  @doc "True if `supervisor` cannot do anything until `process` started or ended."
  @spec waits_for?(pid, pid, [pid | atom]) :: boolean
  def waits_for?(supervisor, process, ancestors),
    do: waits?(ancestors, supervisor, process, process)

  # Each of the chain waits for the one below it.
  defp waits?([ancestor | rest], supervisor, child, me) do
    pid = if is_atom(ancestor), do: Process.whereis(ancestor), else: ancestor

    cond do
      not waits?(pid, child, me) -> false
      pid == supervisor -> true
      true -> waits?(rest, supervisor, pid, me)
    end
  end

  defp waits?([], _supervisor, _child, _me), do: false

  defp waits?(pid, child, me) do
    {_, monitored} = look(pid)
    {own, _} = look(child)
    starts?(child, pid) or (ends?(child, own, me) and {:process, child} in monitored)
  end

  # What is still at work when its end has been asked for gets that end first.
  defp ends?(child, own, me), do: child != me or own[@note] == :ending

  defp look(pid) when is_pid(pid) do
    case Nodes.process_info(pid, [:dictionary, :monitors]) do
      [dictionary: dictionary, monitors: monitors] -> {dictionary, monitors}
      nil -> {[], []}
    end
  end

  defp look(_pid), do: {[], []}
end

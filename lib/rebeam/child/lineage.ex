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

  @doc "In the child: how its supervisor restarts it."
  @spec restarted(:permanent | :transient | :temporary | nil) :: term
  def restarted(restart), do: Process.put(@restart, restart)

  @doc "In the child: what its supervisor is called, and how it restarts it; nil if it has none."
  @spec supervisor :: {iodata, :permanent | :transient | :temporary} | nil
  def supervisor do
    with restart when restart != nil <- Process.get(@restart),
         [_ | _] = ancestors <- Process.get(:"$ancestors") do
      {ancestors |> parent() |> called(), restart}
    else
      _ -> nil
    end
  end

  # In a unit it is on the other side of what stands for the child there.
  defp parent([stand_in, parent | _]) when is_pid(stand_in) and node(stand_in) != node(),
    do: parent

  defp parent([parent | _]), do: parent

  defp called(name) when is_atom(name), do: inspect(name)

  defp called(pid) do
    case about_all([pid]) do
      %{^pid => {label, _}} when label != nil -> [label, " ", inspect(pid)]
      _ -> inspect(pid)
    end
  end

  @doc "In the child: it is `:backing_off`, `:standing_by`, `:ending`, or nil for nothing of that kind."
  @spec note(:backing_off | :standing_by | :ending | nil) :: :ok
  def note(note) do
    Process.put(@note, note)
    :ok
  end

  @doc "What `born` and `note` said about each of these processes."
  @spec about_all([pid]) :: %{
          pid => {String.t() | nil, :backing_off | :standing_by | :ending | nil}
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

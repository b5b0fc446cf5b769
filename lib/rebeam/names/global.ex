defmodule Rebeam.Names.Global do
  @moduledoc false
  # Names that one process has in all of the cluster (`Rebeam.Names.Cluster`). Units are hidden nodes:
  # their main node has the names for them. What Elixir registered with OTP's `:global` is found, too,
  # and no such name is given a second time.

  alias Rebeam.{Deadline, Nodes}
  alias Rebeam.Names.{Claims, Cluster}

  # How much less than a unit waits for its main node, in milliseconds.
  @margin 300

  @type taken ::
          {:error, {:already_registered, pid | node} | {:no_majority, String.t()} | :timeout}

  @doc "The process, of this node or a unit of it, gets the name."
  @spec register(String.t(), pid, String.t()) :: :ok | taken
  def register(name, pid, split \\ "majority"), do: on_main(:register_here, [name, pid, split])

  @doc "It has the name no more, if it had it."
  @spec unregister(String.t(), pid) :: :ok | {:error, :timeout}
  def unregister(name, pid), do: on_main(:unregister_here, [name, pid])

  @doc "The numbers of the names that these hold now: each is greater than those of all holders before."
  @spec fences([pid]) :: %{String.t() => pos_integer} | {:error, :timeout}
  def fences(pids), do: on_main(:fences_here, [pids])

  @doc "On the main node: who has the name, as far as this node knows. Waits for nobody."
  @spec find(String.t()) :: {:ok, pid} | :none
  def find(name) do
    case Claims.find(name) do
      %{pid: pid} when pid != nil -> {:ok, pid}
      _ -> find_otp(name)
    end
  end

  # What Elixir registered, maybe under an atom.
  defp find_otp(name) do
    with :undefined <- :global.whereis_name(name),
         :undefined <- :global.whereis_name(String.to_existing_atom(name)) do
      :none
    else
      pid -> {:ok, pid}
    end
  rescue
    ArgumentError -> :none
  end

  @doc "All names that are text, of processes that live."
  @spec registered() :: [String.t()] | {:error, :timeout}
  def registered, do: on_main(:registered_here, [])

  @doc "Whether this node's own holder of that name has lost it to another one."
  @spec lost?(String.t()) :: boolean
  def lost?(name), do: on_main(:lost_here?, [name]) == true

  defp on_main(function, arguments) do
    Nodes.on_main(__MODULE__, function, arguments)
  catch
    :error, {:erpc, :timeout} -> {:error, :timeout}
  end

  # ---- on the main node --------------------------------------------------------------------------

  @doc false
  def registered_here do
    otp =
      for name <- :global.registered_names(),
          is_binary(name),
          do: {name, :global.whereis_name(name)}

    named = for {name, pid} when is_pid(pid) <- Claims.all() ++ otp, do: {name, pid}
    infos = named |> Enum.map(&elem(&1, 1)) |> Enum.uniq() |> Nodes.process_infos([:status])
    Enum.uniq(for {name, pid} <- named, Map.get(infos, pid, :unknown) != nil, do: name)
  end

  @doc false
  def register_here(name, pid, split),
    do: claim(name, pid, split, Deadline.of(Nodes.patience() - @margin))

  # The name of a process that has ended is free as soon as its node has heard of that.
  defp claim(name, pid, split, deadline) do
    result = Cluster.claim(name, pid, split)

    if ended?(result) and not Deadline.over?(deadline) do
      Process.sleep(1)
      claim(name, pid, split, deadline)
    else
      result
    end
  end

  defp ended?({:error, {:already_registered, holder}}) when is_pid(holder),
    do: Nodes.alive(holder) == false

  defp ended?(_result), do: false

  @doc "The names that a process of this program has, with what becomes of each in a split."
  @spec names_here(pid) :: [{String.t(), split :: String.t()}]
  def names_here(pid) do
    for {name, ^pid} when is_binary(name) <- Claims.all(),
        %{split: split} <- [Claims.find(name)],
        do: {name, split}
  end

  @doc false
  def unregister_here(name, pid), do: Cluster.give_up(name, pid)

  @doc false
  def fences_here(pids), do: Cluster.fences(pids)

  @doc false
  def lost_here?(name), do: Claims.lost?(name)
end

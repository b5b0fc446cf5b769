defmodule Rebeam.Nodes do
  @moduledoc false
  # The nodes of one program: the *main* node, on which it was started, and its units that are
  # nodes. Supervisors, names and what Python starts at run time are on the main node; what
  # happens in a unit asks there. And how a node asks another one, these or any, and waits for it.
  #
  # With `python_host: :process` the VM of the application is the program's *front*: its main node is in an OS
  # process of its own, begun when somebody first asks for it (front.ex), and the front asks there as a unit
  # does.

  alias Rebeam.Deadline
  alias Rebeam.Nodes.Courier

  @main {__MODULE__, :main}
  @front {__MODULE__, :front}

  @doc """
  The node that the program was started on: this one, unless it is a unit or a front. In a front that
  has none yet, waits for it; raises if there can be none.
  """
  @spec main :: node
  def main do
    case :persistent_term.get(@main, nil) do
      nil -> node()
      begin when is_function(begin) -> begin.(nil)
      node -> node
    end
  end

  @doc "The same in a front, after that one was lost."
  @spec main_after(node) :: node
  def main_after(lost), do: :persistent_term.get(@front).(lost)

  @doc "Whether that node is the main one. Waits for nobody."
  @spec main?(node) :: boolean
  def main?(node), do: :persistent_term.get(@main, node()) == node

  @doc "True on the main node."
  @spec main? :: boolean
  def main?, do: :persistent_term.get(@main, nil) == nil

  @doc "In a unit that is a node: whose it is."
  @spec be_unit_of(node) :: :ok
  def be_unit_of(node), do: :persistent_term.put(@main, node)

  @doc "In a front: `begin` gives the main node, another one than a lost one."
  @spec be_front((node | nil -> node)) :: :ok
  def be_front(begin) do
    :persistent_term.put(@front, begin)
    :persistent_term.put(@main, begin)
  end

  @doc "In a front: its main node is up."
  @spec be_front_of(node) :: :ok
  def be_front_of(main), do: :persistent_term.put(@main, main)

  @doc "In a front."
  @spec front? :: boolean
  def front?, do: is_function(:persistent_term.get(@front, nil))

  @doc "On a main node: its front."
  @spec be_behind(node) :: :ok
  def be_behind(front), do: :persistent_term.put(@front, front)

  @doc "On a main node: its front, if there is one."
  @spec front :: node | nil
  def front do
    front = :persistent_term.get(@front, nil)
    if is_atom(front), do: front
  end

  @doc "In a unit of a worker machine: the name of that machine's node."
  @spec machine :: String.t() | nil
  def machine, do: Application.get_env(:rebeam, :machine)

  # ---- before its end ----------------------------------------------------------------------------

  @doc "This node is emptied: nothing new is started here. Or that is over."
  @spec drain(boolean) :: :ok
  def drain(begins?), do: :persistent_term.put({__MODULE__, :draining}, begins?)

  @spec draining? :: boolean
  def draining?, do: :persistent_term.get({__MODULE__, :draining}, false)

  # ---- asking another node -----------------------------------------------------------------
  #
  # One that is stopped, or out of reach and not known to be, does not answer: each question has a
  # bound, and the process of an actor asks none but at its start.

  # How long an answer may take where nobody said how long, in milliseconds; and one that only
  # tells how things stand.
  @patience 5_000
  @glance 1_000
  # How often it is looked whether a node takes messages again, in milliseconds.
  @busy_period 2

  @doc "How long another node may take to answer where nobody said so, in milliseconds."
  @spec patience :: pos_integer
  def patience, do: @patience

  @doc "How long it may take to tell how things stand."
  @spec glance :: pos_integer
  def glance, do: @glance

  @doc "The node of that name, if it is this one or connected; else nil. No text makes an atom."
  @spec connected(String.t()) :: node | nil
  def connected(name),
    do: Enum.find([node() | Node.list(:connected)], &(Atom.to_string(&1) == name))

  @doc "Runs a function on the main node. Raises what it raises."
  @spec on_main(module, atom, list, timeout) :: term
  def on_main(module, function, arguments, timeout \\ @patience) do
    if main?(),
      do: apply(module, function, arguments),
      else: ask(main(), module, function, arguments, timeout)
  end

  @doc "Runs a function on the node of a process. Raises what it raises."
  @spec on_node_of(pid, module, atom, list, timeout) :: term
  def on_node_of(pid, module, function, arguments, timeout \\ @patience)

  def on_node_of(pid, module, function, arguments, _) when node(pid) == node(),
    do: apply(module, function, arguments)

  def on_node_of(pid, module, function, arguments, timeout),
    do: ask(node(pid), module, function, arguments, timeout)

  @doc "As `:erpc.call/5`, which a node that takes nothing stops for longer than the time."
  @spec ask(node, module, atom, list, timeout) :: term
  def ask(node, module, function, arguments, timeout) do
    deadline = Deadline.of(timeout)

    if await_free(node, timeout),
      do: :erpc.call(node, module, function, arguments, Deadline.left(deadline)),
      else: :erlang.error({:erpc, :timeout})
  end

  @doc """
  Runs a function that waits for a process of that node, for as long as the node answers. Raises
  what `:erpc.call/5` does when it does not.
  """
  @spec while_answering(node, (() -> result)) :: result when result: term
  def while_answering(node, fun) when node == node(), do: fun.()

  def while_answering(node, fun) do
    helper = spawn_monitor(fn -> exit({:result, fun.()}) end)
    await(node, helper)
  end

  defp await(node, {pid, monitor}) do
    receive do
      {:DOWN, ^monitor, :process, _, {:result, result}} -> result
      {:DOWN, ^monitor, :process, _, reason} -> exit(reason)
    after
      @glance ->
        with false <- answers?(node),
             do: Process.exit(pid, :kill) && :erlang.error({:erpc, :timeout})

        await(node, {pid, monitor})
    end
  end

  # That it is gone, what waits for it hears itself.
  defp answers?(node) do
    ask(node, :erlang, :node, [], @patience) == node
  catch
    :error, {:erpc, reason} -> reason != :timeout
  end

  @doc """
  Whether a message to that node has to wait: for others before it, as the node does not take them,
  or not fast enough, or for a connection. OTP then stops whoever sends, links, monitors, for as
  long as that lasts.
  """
  @spec busy?(node) :: boolean
  def busy?(node), do: node != node() and (Courier.waiting?(node) or probe(node) != :ok)

  # Nobody there has that name: what comes to it is dropped.
  defp probe(node), do: :erlang.send({__MODULE__, node}, :probe, [:nosuspend, :noconnect])

  @doc """
  Waits until the node takes messages, or there can be no connection to it. False if it does not in
  that time.
  """
  @spec await_free(node, timeout) :: boolean
  def await_free(node, timeout \\ @patience)
  def await_free(node, timeout), do: free_until?(node, Deadline.of(timeout))

  defp free_until?(node, deadline) do
    cond do
      not busy?(node) or not connected?(node) ->
        true

      Deadline.over?(deadline) ->
        false

      true ->
        Process.sleep(@busy_period)
        free_until?(node, deadline)
    end
  end

  defp connected?(node),
    do: node in Node.list(:connected) or :net_kernel.connect_node(node) == true

  @doc "Whether a process lives; nil if its node does not say so in time."
  @spec alive(pid, timeout) :: boolean | nil
  def alive(pid, timeout \\ @glance) do
    on_node_of(pid, Process, :alive?, [pid], timeout)
  catch
    :error, {:erpc, :timeout} -> nil
    _, _ -> false
  end

  @doc "What `Process.info/2` says of a process on whichever node; nil also if that is gone."
  @spec process_info(pid, [atom]) :: keyword | nil
  def process_info(pid, items), do: process_infos([pid], items)[pid]

  @doc "From now on nothing connects to that node by itself: the program has ended the connection."
  @spec leave(node) :: :ok
  def leave(node), do: :persistent_term.put({__MODULE__, :left}, Enum.uniq([node | left()]))

  @doc "That is over: it was connected to again."
  @spec stay(node) :: :ok
  def stay(node),
    do:
      if(left?(node), do: :persistent_term.put({__MODULE__, :left}, left() -- [node]), else: :ok)

  @spec left?(node) :: boolean
  def left?(node), do: node in left()

  defp left, do: :persistent_term.get({__MODULE__, :left}, [])

  @doc "The same of many: each node is asked once, and all at the same time."
  @spec process_infos([pid], [atom]) :: %{pid => keyword | nil}
  def process_infos(pids, items) do
    {here, there} = Enum.split_with(pids, &(node(&1) == node()))

    asked =
      for {node, some} <- Enum.group_by(there, &node/1),
          not busy?(node),
          do: ask_infos(node, some, items)

    deadline = Deadline.of(@glance)
    told = Enum.flat_map(asked, &infos(&1, deadline))
    Map.new(infos_here(here, items) ++ told)
  end

  defp ask_infos(node, pids, items),
    do: :erpc.send_request(node, __MODULE__, :infos_here, [pids, items])

  @doc false
  def infos_here(pids, items), do: Enum.map(pids, &{&1, Process.info(&1, items)})

  defp infos(request, deadline) do
    :erpc.receive_response(request, Deadline.left(deadline))
  catch
    _, _ -> []
  end
end

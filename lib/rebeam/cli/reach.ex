defmodule Rebeam.CLI.Reach do
  @moduledoc false
  # Reaching a program that runs, for the words of the command line: `rebeam status` beside a
  # `rebeam main.py`. The VM of the word becomes a hidden node that is connected to the program's main
  # node; what it wants there is Erlang's distribution, `call/5` for one.
  #
  #   NODE, a name with "@"   by its cookie; a program of this user on this machine tells it
  #   a number                the program of this user that is this OS process
  #   nothing                 the only program of this user on this machine

  alias Rebeam.CLI.{Cookie, Handover, Options}
  alias Rebeam.CLI.Reach.Socket
  alias Rebeam.Cluster.{Refusal, Spec}
  alias Rebeam.Units.{Address, Epmd, Transport}
  alias Rebeam.VM
  alias Rebeam.VM.Environment

  # What a program that is not stopped says at once, in milliseconds.
  @patience 5_000

  @type target :: :only | {:process, pos_integer} | {:node, String.t()}
  @type reached :: %{node: node, info: map | nil}

  # Options of words, besides those that they ask for.
  @keys [:cookie_file, :tls]

  @doc """
  What a word's arguments say of the program, and the rest of them: `[NODE | PID]` may come first,
  options anywhere before a `--`, those of all words and those with the given keys.
  """
  @spec take([String.t()], [Options.key()]) ::
          {:ok, {target, Options.t()}, [String.t()]} | {:error, String.t()}
  def take(arguments, keys \\ []) do
    flags = Map.filter(Options.flags(), fn {_, key} -> key in (@keys ++ keys) end)

    with {:ok, options, rest} <- take_options(arguments, flags, %Options{}, []) do
      {target, rest} = take_target(rest)
      {:ok, {target, options}, rest}
    end
  end

  defp take_options([], _flags, options, seen), do: {:ok, options, Enum.reverse(seen)}

  defp take_options(["--" | _] = rest, _, options, seen),
    do: {:ok, options, Enum.reverse(seen, rest)}

  defp take_options([word | rest], flags, options, seen) do
    case {String.split(word, "=", parts: 2), rest} do
      {[flag, text], rest} when is_map_key(flags, flag) ->
        put(flag, text, rest, flags, options, seen)

      {[flag], [text | rest]} when is_map_key(flags, flag) ->
        put(flag, text, rest, flags, options, seen)

      {[flag], []} when is_map_key(flags, flag) ->
        {:error, "#{flag} needs a value"}

      _ ->
        take_options(rest, flags, options, [word | seen])
    end
  end

  defp put(flag, text, rest, flags, options, seen) do
    with {:ok, options} <- Options.put(options, flags[flag], text, flag),
         do: take_options(rest, flags, options, seen)
  end

  defp take_target([first | rest] = all) do
    cond do
      first =~ ~r/^[0-9]+\z/ -> {{:process, String.to_integer(first)}, rest}
      Options.node_name?(first) -> {{:node, first}, rest}
      true -> {:only, all}
    end
  end

  defp take_target([]), do: {:only, []}

  @typedoc "What this VM's node is called, by the kind of its name and the host of the other one."
  @type own :: (:longnames | :shortnames, String.t() -> {:ok, node} | {:error, String.t()})

  @doc """
  Connects this VM to the program. To be done once. The error is a text to be printed. Without a name of
  its own it gets one by whom it connects to.
  """
  @spec open({target, Options.t()}, own) :: {:ok, reached} | {:error, String.t()}
  def open({target, options}, own \\ &nameless/2) do
    # What goes wrong is said by the word.
    :logger.set_primary_config(:level, :none)

    case {find(target), target} do
      {{:ok, found}, _} -> enter(found, own)
      {:none, {:node, name}} -> join(name, options, own)
      {{:error, text}, _} -> {:error, text}
    end
  end

  # That name is used again. Of its host, OTP looks only whether it is such a name.
  defp nameless(:longnames, _host), do: {:ok, :"undefined@127.0.0.1"}
  defp nameless(:shortnames, _host), do: {:ok, :undefined@localhost}

  @doc "Runs a function of a module there, and returns what it does."
  @spec call(reached, module, atom, list, timeout) :: {:ok, term} | {:error, String.t()}
  def call(reached, module, function, arguments, timeout \\ @patience) do
    {:ok, :erpc.call(reached.node, module, function, arguments, timeout)}
  catch
    :error, {:erpc, :timeout} -> {:error, "#{reached.node} did not answer in #{timeout} ms"}
    :error, {:erpc, _} -> {:error, "#{reached.node} is gone"}
    :error, {:exception, :undef, _} -> {:error, "#{reached.node} runs another version of this"}
    kind, reason -> {:error, Exception.format_banner(kind, reason)}
  end

  @doc "The programs of this user on this machine that can be asked, by the ids of their OS processes."
  @spec all :: [map]
  def all, do: for(found <- programs(), do: found.info)

  # ---- programs of this machine ----------------------------------------------------------

  # All are asked at once, as one that is stopped does not answer.
  defp programs do
    Socket.all()
    |> Enum.map(fn {pid, name} -> Task.async(fn -> ask(pid, name) end) end)
    |> Enum.map(&Task.await(&1, :infinity))
    |> Enum.reject(&is_nil/1)
  end

  defp ask(pid, name) do
    with {:ok, socket} <- Socket.connect(name, @patience) do
      Socket.send(socket, :who)

      case Socket.receive(socket, @patience) do
        %{pid: ^pid} = info -> %{info: info, name: name}
        _ -> nil
      end
    else
      :error -> nil
    end
  end

  defp find(:only) do
    case programs() do
      [found] -> {:ok, found}
      [] -> {:error, "no program of yours runs on this machine; rebeam WORD NODE for another one"}
      many -> {:error, "several programs run, which one is meant?\n" <> table(many)}
    end
  end

  defp find({:process, pid}) do
    programs = programs()

    case {Enum.find(programs, &(&1.info.pid == pid)), List.keymember?(Socket.all(), pid, 0)} do
      {nil, true} -> {:error, "process #{pid} does not answer: is it stopped?"}
      {nil, false} -> {:error, "no program of yours is process #{pid}" <> others(programs)}
      {found, _} -> {:ok, found}
    end
  end

  defp find({:node, name}) do
    with nil <- Enum.find(programs(), &(to_string(&1.info.node) == name)),
         do: :none,
         else: (found -> {:ok, found})
  end

  defp others([]), do: ""
  defp others(programs), do: ", but of:\n" <> table(programs)

  defp table(programs), do: Enum.map_join(programs, "\n", &"  #{title(&1.info)}")

  @doc "One of them, in a line."
  @spec title(map) :: String.t()
  def title(info), do: Enum.join([info.pid, info.node, info.script] -- [nil], "  ")

  defp enter(found, own) do
    with {:ok, socket} <- Socket.connect(found.name, @patience) do
      Socket.send(socket, :reach)
      socket |> Socket.receive(@patience) |> entered(socket, found.info, own)
    else
      :error -> {:error, "process #{found.info.pid} is gone"}
    end
  end

  # The program closes the connection with the socket, which this process owns.
  defp entered({:be, node, cookie}, socket, info, _own) do
    address = %{node: node, domain: :longnames, cookie: cookie, interface: {127, 0, 0, 1}}
    :ok = Address.start_unit(address)
    Socket.send(socket, {:listening, Epmd.port()})

    case Socket.receive(socket, @patience) do
      {:connected, node} when is_atom(node) -> met(node, info)
      {:error, text} -> {:error, "process #{info.pid}: #{text}"}
      nil -> {:error, "process #{info.pid} did not answer"}
    end
  end

  defp entered({:named, node, cookie, domain, how}, _socket, info, own) do
    speak(how.transport)
    if how.port, do: Epmd.meet(Atom.to_string(node), how.port)
    connect(node, cookie, domain, info, own)
  end

  defp entered({:error, text}, _socket, info, _own), do: {:error, "process #{info.pid}: #{text}"}
  defp entered(nil, _socket, info, _own), do: {:error, "process #{info.pid} did not answer"}

  defp met(node, info) do
    if up?(node, @patience),
      do: {:ok, %{node: node, info: info}},
      else: {:error, "process #{info.pid} is gone"}
  end

  # It knows before this side does.
  defp up?(node, tries),
    do:
      node in Node.list(:hidden) or
        (tries > 0 and Process.sleep(1) == :ok and up?(node, tries - 1))

  # ---- a node elsewhere ------------------------------------------------------------------

  defp join(text, options, own) do
    if options.tls, do: speak(Transport.flags(options.tls))
    name = Spec.learned(text)
    domain = if name |> String.split("@") |> List.last() =~ ".", do: :longnames, else: :shortnames
    with {:ok, cookie} <- Cookie.find(options), do: connect(name, cookie, domain, nil, own)
  end

  # Another VM takes this one's place, and does the same again, if this one does not speak as the
  # node does.
  defp speak(flags) do
    if flags != [] and not Transport.tls?() do
      Environment.prepare_start()

      Handover.replace(%{
        arguments: VM.arguments(),
        applications: [:rebeam],
        transport: flags,
        shell: Handover.for_shell?()
      })
    end
  end

  # It listens to nobody.
  defp connect(name, cookie, domain, info, own) do
    node = :"#{name}"
    [_, host] = String.split("#{name}", "@")
    Epmd.ask_others()
    :ok = Transport.prepare()
    start = %{name_domain: domain, hidden: true, dist_listen: false}

    with {:ok, own} <- own.(domain, host),
         {:ok, _} <- :net_kernel.start(own, start),
         true <- :erlang.set_cookie(node, cookie),
         true <- :net_kernel.hidden_connect_node(node) do
      {:ok, %{node: node, info: info}}
    else
      {:error, text} when is_binary(text) -> {:error, text}
      _ -> {:error, "no answer from node #{name}: #{Refusal.why("#{name}")}"}
    end
  end
end

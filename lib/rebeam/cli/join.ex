defmodule Rebeam.CLI.Join do
  @moduledoc false
  # `rebeam join NODE [--workers N] [--label LABEL]...`: lends this machine to a program that runs
  # (Rebeam.Units.Lender), until that has ended or this is told to leave by SIGTERM. A program that it loses
  # is looked for until it is there again, as one that starts again is.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{Complaint, Options, Reach}
  alias Rebeam.CLI.Join.Signals
  alias Rebeam.Python
  alias Rebeam.Units.Lender

  @keys [:workers, :name, :sname, :listen, :python, :unit_memory]
  # How long until a program that is lost is tried again, at first and at most, in milliseconds.
  @first_pause 1_000
  @longest_pause 15_000

  @impl true
  def run(arguments) do
    with {:ok, labels, arguments} <- labels(arguments),
         {:ok, {target, options}, []} <- Reach.take(arguments, @keys),
         :ok <- check(target, options) do
      lend({target, options}, labels)
    else
      {:ok, _, [unknown | _]} -> Complaint.say("join takes a NODE, and no #{unknown}") && 2
      {:error, text} -> Complaint.say(text) && 2
    end
  end

  defp labels(arguments, labels \\ [], seen \\ [])
  defp labels([], labels, seen), do: {:ok, Enum.reverse(labels), Enum.reverse(seen)}
  defp labels(["--label" | [label | rest]], labels, seen), do: label(label, rest, labels, seen)
  defp labels(["--label=" <> label | rest], labels, seen), do: label(label, rest, labels, seen)
  defp labels(["--label"], _, _), do: {:error, "--label needs a value"}
  defp labels([word | rest], labels, seen), do: labels(rest, labels, [word | seen])

  defp label(text, rest, labels, seen) do
    if text != "" and String.valid?(text),
      do: labels(rest, [text | labels], seen),
      else: {:error, "--label needs a value, not #{inspect(text)}"}
  end

  defp check(:only, _options), do: {:error, "join needs the NODE of a program: NAME@HOST"}
  defp check(_target, %{workers: 0}), do: {:error, "join --workers 0 would lend nothing"}

  defp check(_target, %{name: name, sname: sname}) when name != nil and sname != nil,
    do: {:error, "--name #{name} and --sname #{sname}: a node has one name"}

  defp check(_target, _options), do: :ok

  defp lend(target, labels) do
    {_, options} = target

    with {:ok, python} <- Python.find(Options.python(options)),
         :ok <- listen(options.listen),
         {:ok, reached} <- Reach.open(target, &own_name(options, &1, &2)) do
      Signals.tell(self())

      offer = %{
        workers: options.workers || System.schedulers_online(),
        labels: labels,
        memory: options.unit_memory,
        python: python.executable,
        python_version: python.version
      }

      first(Lender.lend(reached.node, offer, &IO.puts/1), reached.node, offer)
    else
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  # Units here listen there.
  defp listen(nil), do: :ok

  defp listen(text) do
    case text |> String.to_charlist() |> :inet.parse_address() do
      {:ok, address} -> Application.put_env(:kernel, :inet_dist_use_interface, address)
      {:error, _} -> {:error, "--listen is the address of an interface, not #{inspect(text)}"}
    end
  end

  # ---- what this machine is called -------------------------------------------------------------

  # Its host is also that of the units here, which the program and its other units reach by it.
  defp own_name(options, domain, host) do
    case {Options.node_name(options), domain} do
      {nil, _} ->
        named("worker-#{System.pid()}", domain, host)

      {{name, domain}, domain} ->
        named(name, domain, host)

      {_, :longnames} ->
        {:error, "the program has a full host name: --name NAME@HOST, not --sname"}

      {_, :shortnames} ->
        {:error, "the program has a short host name: --sname NAME, not --name"}
    end
  end

  defp named(name, domain, host) do
    name = if name =~ "@", do: name, else: "#{name}@#{own_host(domain, host)}"

    if Options.node_name?(name),
      do: {:ok, String.to_atom(name)},
      else: {:error, "a node's name is NAME@HOST, not #{inspect(name)}"}
  end

  defp own_host(:shortnames, _host), do: :inet.gethostname() |> elem(1) |> List.to_string()

  # The address from which that host is reached. Nothing is sent.
  defp own_host(:longnames, host) do
    with {:ok, address} <- host |> String.to_charlist() |> :inet.getaddr(:inet),
         {:ok, socket} <- :gen_udp.open(0),
         :ok <- :gen_udp.connect(socket, address, 9),
         {:ok, {own, _}} <- :inet.sockname(socket) do
      :gen_udp.close(socket)
      own |> :inet.ntoa() |> List.to_string()
    else
      _ -> "127.0.0.1"
    end
  end

  # ---- as long as it lasts ---------------------------------------------------------------------

  defp first({:refused, text}, main, _offer),
    do: Complaint.say("#{main} does not take this machine: #{text}") && 1

  defp first(result, main, offer), do: over(result, main, offer)

  defp over(:left, _main, _offer), do: IO.puts("left") && 0
  defp over(:ended, main, _offer), do: IO.puts("#{main} has ended") && 0
  defp over({_, text}, main, offer), do: again(text, main, offer, @first_pause)

  defp again(text, main, offer, pause) do
    Complaint.say("#{text}: tried again")
    retry(main, offer, pause)
  end

  defp retry(main, offer, pause) do
    receive do
      :leave -> 0
    after
      pause ->
        if :net_kernel.hidden_connect_node(main) == true,
          do: main |> Lender.lend(offer, &IO.puts/1) |> retried(main, offer, pause),
          else: retry(main, offer, longer(pause))
    end
  end

  # That of a program which starts is over soon.
  defp retried({:refused, _text}, main, offer, pause), do: retry(main, offer, longer(pause))
  defp retried(result, main, offer, _pause), do: over(result, main, offer)

  defp longer(pause), do: min(2 * pause, @longest_pause)
end

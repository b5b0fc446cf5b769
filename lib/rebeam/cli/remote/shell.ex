defmodule Rebeam.CLI.Remote.Shell do
  @moduledoc false
  # `rebeam remote --elixir`: IEx inside a program that runs. Its lines are edited by OTP here, in a VM
  # that takes Ctrl-C for who types and not for itself; another one becomes that first.

  alias Rebeam.CLI.{Complaint, Handover, Reach}
  alias Rebeam.Units.Transport
  alias Rebeam.VM.Environment

  @spec run([String.t()]) :: 0..255
  def run(arguments) do
    if Handover.for_shell?(), do: begin(arguments), else: start_again(arguments)
  end

  defp start_again(arguments) do
    Environment.prepare_start()

    {:error, text} =
      Handover.replace(%{
        arguments: ["remote", "--elixir" | arguments],
        applications: [:rebeam],
        transport: Transport.given(),
        shell: true
      })

    Complaint.say(text) && 1
  end

  defp begin(arguments) do
    with {:ok, target, []} <- Reach.take(arguments),
         {:ok, reached} <- Reach.open(target),
         {:ok, true} <- Reach.call(reached, __MODULE__, :ready?, []) do
      Node.monitor(reached.node, true)
      IO.puts(:stderr, "Ctrl-G, then q, leaves it: the program goes on.")
      open({reached.node, {__MODULE__, :start, [self()]}})
      receive(do: (over when over in [:over, {:nodedown, reached.node}] -> 0))
    else
      {:ok, false} -> Complaint.say("there is no IEx in that program") && 1
      {:ok, _, _} -> Complaint.say("remote takes a NODE or the id of a process") && 2
      {:error, text} -> Complaint.say(text) && 1
    end
  end

  # Since OTP 26 there is a function for it.
  defp open({node, {module, function, arguments}} = shell) do
    Code.ensure_loaded(:shell)

    if function_exported?(:shell, :start_interactive, 1),
      do: apply(:shell, :start_interactive, [shell]),
      else: :user_drv.start([:"tty_sl -c -e", {node, module, function, arguments}])
  end

  # ---- in the program ----------------------------------------------------------------------

  @doc "Whether it can be had."
  @spec ready? :: boolean
  def ready?,
    do: Code.ensure_loaded?(IEx) and match?({:ok, _}, Application.ensure_all_started(:iex))

  @doc "Starts it for the terminal that is the caller's group leader; the client hears of its end."
  @spec start(pid) :: pid
  def start(client) do
    # Newer Elixir has it in a module that the runtime of Erlang can name.
    module = if Code.ensure_loaded?(:iex), do: :iex, else: IEx
    pid = apply(module, :start, [[on_eof: :stop_evaluator], {IEx, :dont_display_result, []}])

    spawn(fn ->
      monitor = Process.monitor(pid)
      receive(do: ({:DOWN, ^monitor, _, _, _} -> send(client, :over)))
    end)

    pid
  end
end

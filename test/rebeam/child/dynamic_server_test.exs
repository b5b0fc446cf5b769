defmodule Rebeam.Child.DynamicServerTest do
  # How many children end together, beside Elixir's own DynamicSupervisor.
  # Alone, as it has OTP's reports logged: Elixir's Logger would keep them from everybody.
  use ExUnit.Case, async: false

  alias Rebeam.Child.DynamicServer

  defmodule Flags do
    use DynamicSupervisor
    @impl true
    def init(nil), do: DynamicSupervisor.init(strategy: :one_for_one)
  end

  defmodule Child do
    def start_link(how) do
      :proc_lib.start_link(__MODULE__, :begin, [how])
    end

    def begin(how) do
      if how != :ends, do: Process.flag(:trap_exit, true)
      :proc_lib.init_ack({:ok, self()})
      if how == :unlinked, do: Process.unlink(hd(Process.get(:"$ancestors")))
      go_on(how)
    end

    defp go_on(how) do
      receive do
        {:EXIT, _, :shutdown} when how == :stays -> go_on(how)
        {:EXIT, _, :shutdown} when how == :fails -> exit(:failed)
        {:EXIT, _, :shutdown} when how == :says -> exit({:shutdown, :said})
        {:EXIT, _, :shutdown} -> :ok
        {:die, reason} -> exit(reason)
      end
    end
  end

  # {how it ends, restart, shutdown}
  @children [
    {:ends, :permanent, 5_000},
    {:normal, :permanent, 5_000},
    {:normal, :transient, 5_000},
    {:normal, :temporary, :infinity},
    {:fails, :temporary, 5_000},
    {:says, :permanent, 5_000},
    {:stays, :permanent, 50},
    {:stays, :temporary, :brutal_kill},
    {:ends, :transient, :brutal_kill},
    {:unlinked, :permanent, 5_000}
  ]

  # What OTP's log says, sent to who asked for it.
  def log(%{msg: {:report, %{report: report}}}, %{config: test}) when is_list(report),
    do: send(test, {:report, report[:supervisor], report[:reason], report[:offender]})

  def log(_event, _config), do: :ok

  setup do
    %{filters: filters} = :logger.get_primary_config()
    :ok = :logger.set_primary_config(:filters, Keyword.delete(filters, :logger_translator))
    :ok = :logger.add_handler(__MODULE__, __MODULE__, %{config: self()})

    on_exit(fn ->
      :logger.remove_handler(__MODULE__)
      :logger.set_primary_config(:filters, filters)
    end)
  end

  defp start(module) do
    Process.flag(:trap_exit, true)
    {:ok, sup} = module.start_link(Flags, nil, [])
    sup
  end

  defp start_child(sup, {how, restart, shutdown}) do
    start = {Child, :start_link, [how]}
    spec = %{id: how, start: start, restart: restart, shutdown: shutdown}
    {:ok, pid} = DynamicSupervisor.start_child(sup, spec)
    pid
  end

  # How it ended, and what of each child was reported.
  defp stop(sup) do
    Process.exit(sup, :shutdown)
    assert_receive {:EXIT, ^sup, reason}
    {reason, Enum.sort(reports({sup, Flags}))}
  end

  defp reports(name) do
    receive do
      {:report, ^name, reason, offender} ->
        # Of one that is temporary its supervisor keeps no arguments.
        how = with {_, _, [how]} <- offender[:mfargs], do: how, else: (_ -> nil)
        [{how, offender[:restart_type], offender[:shutdown], reason} | reports(name)]
    after
      0 -> []
    end
  end

  for module <- [DynamicSupervisor, DynamicServer] do
    test "children of every sort: #{inspect(module)}" do
      sup = start(unquote(module))
      pids = Enum.map(@children, &start_child(sup, &1))

      assert stop(sup) ==
               {:shutdown,
                [
                  {nil, :temporary, 5_000, :failed},
                  {:normal, :permanent, 5_000, :normal},
                  {:stays, :permanent, 50, :killed},
                  {:unlinked, :permanent, 5_000, :normal}
                ]}

      assert Enum.filter(pids, &Process.alive?/1) == []
    end

    test "one that has ended, which its supervisor does not know yet: #{inspect(module)}" do
      sup = start(unquote(module))
      pid = start_child(sup, {:normal, :permanent, 5_000})
      start_child(sup, {:ends, :permanent, 5_000})
      :ok = :sys.suspend(sup)
      monitor = Process.monitor(pid)
      send(pid, {:die, :before})
      assert_receive {:DOWN, ^monitor, _, _, :before}
      assert stop(sup) == {:shutdown, [{:normal, :permanent, 5_000, :before}]}
    end
  end

  test "what is asked of it meanwhile is not answered" do
    sup = start(DynamicServer)
    start_child(sup, {:stays, :permanent, 100})
    :ok = :sys.suspend(sup)
    asked = Task.async(fn -> catch_exit(DynamicSupervisor.count_children(sup)) end)

    Rebeam.Waiting.wait_until(fn ->
      Process.info(sup, :message_queue_len) == {:message_queue_len, 1}
    end)

    assert {:shutdown, [{:stays, :permanent, 100, :killed}]} = stop(sup)
    assert {:shutdown, {GenServer, :call, _}} = Task.await(asked)
  end
end

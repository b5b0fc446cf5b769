defmodule Rebeam.StateMachine.OrderTest do
  # The same scripts for a plain gen_statem and for a GenStateMachine: states, postpones,
  # enter calls and timeouts come in the same order.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  defmodule Plain do
    # What an event does is in the event: for each state {verb, target, postpone, state timeout,
    # named timeout, event timeout}; timeouts are 0 or not set (-1).
    @behaviour :gen_statem

    def run(script) do
      {:ok, pid} = :gen_statem.start_link(__MODULE__, nil, [])
      for {actions, id} <- Enum.with_index(script), do: :gen_statem.cast(pid, {id, actions})
      log = :gen_statem.call(pid, :log)
      :gen_statem.stop(pid)
      Enum.reverse(log)
    end

    @impl true
    def callback_mode, do: [:handle_event_function, :state_enter]
    @impl true
    def init(nil), do: {:ok, "a", []}

    @impl true
    def handle_event(:enter, old, "c", log) do
      {:keep_state, ["enter #{old} c" | log], {{:timeout, "n"}, 0, nil}}
    end

    def handle_event(:enter, old, state, log), do: {:keep_state, ["enter #{old} #{state}" | log]}

    # Zero timeouts come first, so the log is complete.
    def handle_event({:call, from}, :log, _, log), do: {:keep_state, log, {:reply, from, log}}

    def handle_event(:state_timeout, _, state, log) do
      log = ["state timeout #{state}" | log]
      if state == "a", do: {:next_state, "b", log}, else: {:keep_state, log}
    end

    def handle_event(:timeout, _, state, log), do: {:keep_state, ["event timeout #{state}" | log]}

    def handle_event({:timeout, "n"}, _, state, log) do
      log = ["timeout n #{state}" | log]
      if state == "c", do: {:next_state, "a", log}, else: {:keep_state, log}
    end

    def handle_event(:cast, {id, actions}, state, log) do
      log = ["#{id} in #{state}" | log]
      [verb, target, postpone, state_time, named, event] = actions[state]

      options =
        if(postpone == 1, do: [:postpone], else: []) ++
          for {type, 0} <- [
                {:state_timeout, state_time},
                {:timeout, event},
                {{:timeout, "n"}, named}
              ],
              do: {type, 0, nil}

      case verb do
        "next" -> {:next_state, target, log, options}
        "keep" -> {:keep_state, log, options}
        "repeat" -> {:repeat_state, log, options}
      end
    end
  end

  @python "state_machine/order/plays_scripts.py"

  # In "c" nothing is postponed: each event is consumed some time, so the script ends.
  defp action(state) do
    verb = Enum.random(["next", "next", "keep", "keep", "keep", "repeat"])
    target = Enum.random(["a", "b", "c"])
    postpone = if state != "c" and :rand.uniform(4) == 1, do: 1, else: 0
    times = for _ <- 1..3, do: if(:rand.uniform(4) == 1, do: 0, else: -1)

    case {verb, postpone} do
      {"next", 1} -> ["next", "c", 1 | times]
      {_, 1} -> ["keep", "a", 1, -1, -1, -1]
      _ -> [verb, target, 0 | times]
    end
  end

  @tag :slow
  test "random scripts leave the same trace" do
    :rand.seed(:exsss, {4, 6, 2026})
    scripts = for _ <- 1..60, do: for(_ <- 1..40, do: for(s <- ["a", "b", "c"], do: action(s)))

    expected =
      for script <- scripts do
        Plain.run(for [a, b, c] <- script, do: %{"a" => a, "b" => b, "c" => c})
      end

    # The scripts do what they are for.
    all = List.flatten(expected)
    assert Enum.count(all, &(&1 =~ "event timeout")) > 20
    assert Enum.count(all, &(&1 =~ "state timeout")) > 20
    assert Enum.count(all, &(&1 =~ "timeout n")) > 20
    assert length(Enum.uniq(all)) < length(all)

    lines = Enum.map(scripts, &[inspect(&1, limit: :infinity, width: 1_000_000), "\n"])
    folder = Program.folder(%{"main.py" => @python, "scripts" => lines})
    found = Program.lines!(Path.join(folder, "main.py"), cd: folder)
    assert length(found) == 60

    for {trace, line} <- Enum.zip(expected, found) do
      assert line == "[" <> Enum.map_join(trace, ", ", &"'#{&1}'") <> "]"
    end
  end
end

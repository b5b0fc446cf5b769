defmodule Rebeam.Observe.TelemetryTest do
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @main """
  from rebeam import GenPy, Supervisor, receive


  class Till(GenPy):
      name = "till"

      @receive("pay")
      def pay(self, message):
          return 1 / message


  Supervisor([Till()], max_restarts=10)
  """

  # A module of that name stands in for the library: what it is told is what that would hand on.
  @code """
  defmodule :telemetry do
    def execute(event, measurements, metadata),
      do: send(:heard, {event, measurements, metadata})
  end

  show = &IO.puts(inspect(&1, width: 1000))
  Process.register(self(), :heard)
  Logger.configure(level: :none)
  path = System.fetch_env!("MAIN")
  python = System.fetch_env!("PYTHON_UNDER_TEST")
  {:ok, script} = Rebeam.start_link(script: path, python: python)
  {:ok, 0.5} = Rebeam.call("till", "pay", 2)
  {:down, _} = Rebeam.call("till", "pay", 0)

  receive do
    {[:rebeam, :crash], %{system_time: time}, told} ->
      show.({is_integer(time), told.actor, told.reason, told.work, told.subject, told.node})
      show.({is_pid(told.pid), told.traceback =~ "line 9, in pay"})
  end

  # It measures by itself as well, and may have done so before the crash.
  flush = fn flush ->
    receive do
      {[:rebeam, what], _, _} when what in [:program, :class] -> flush.(flush)
    after
      0 -> :ok
    end
  end

  flush.(flush)
  children = Supervisor.which_children(Rebeam.Supervisor)
  {_, pid, _, _} = List.keyfind(children, Rebeam.Observe.Telemetry, 0)
  send(pid, :measure)

  receive do
    {[:rebeam, :program], measured, told} ->
      show.({measured.crashes, Enum.sort(Map.keys(measured)), Enum.sort(told)})
  end

  receive do
    {[:rebeam, :class], measured, %{class: "Till"} = told} ->
      show.({measured.count, Enum.sort(Map.keys(measured)), Enum.sort(told)})
  end

  Rebeam.stop(script)
  """

  @tag :slow
  test "events of crashes, of the program, and of classes" do
    main = Path.join(Program.folder(%{"main.py" => @main}), "main.py")
    result = Program.elixir(@code, env: [{"MAIN", main}])
    assert result.status == 0, result.err

    assert String.split(result.out, "\n", trim: true) == [
             ~s({true, "till", "ZeroDivisionError: division by zero", :call, "pay", :nonode@nohost}),
             "{true, true}",
             "{1, [:actors, :crashes, :load, :memory, :messages, :queue, :rate, :running, :waiting], [node: :nonode@nohost]}",
             "{1, [:busy, :count, :load, :messages, :queue, :rate, :running, :waiting], " <>
               ~s([class: "Till", kind: :actor, node: :nonode@nohost, units: ["shared"]]})
           ]
  end
end

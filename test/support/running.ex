defmodule Rebeam.Running do
  @moduledoc false
  # Programs that run while a test goes on, in OS processes of their own, and end with it.

  import ExUnit.Assertions

  alias Rebeam.Program
  alias Rebeam.Units.OsProcess

  @limit 75_000

  defstruct [:port, :pid, :first]

  @type t :: %__MODULE__{port: port, pid: pos_integer, first: String.t()}

  @doc """
  Starts a program, as `Rebeam.Program.run/2` takes it, and waits until it has printed "ready", which
  is its `first` line then.

    * `:options` - what stands before it, for Re:BEAM
    * `:args`, `:env` - its arguments; variables, to set or with nil to remove
    * `:under` - a command that it is run by
    * `:until` - what to wait for instead of "ready", a Regex
  """
  @spec start(String.t(), keyword) :: t
  def start(program, options \\ []) do
    script = %{"main.py" => program} |> Program.folder() |> Path.join("main.py")
    python = ["--python", Program.python().executable]
    word(python ++ (options[:options] || []) ++ [script | options[:args] || []], options)
  end

  @doc """
  The same for a whole command line, which may be a word that goes on: with `:env`, `:under` and `:until`,
  and `:cd`, its working folder.
  """
  @spec word([String.t()], keyword) :: t
  def word(words, options \\ []) do
    [command | arguments] = (options[:under] || []) ++ Program.vm(words)

    port =
      Port.open({:spawn_executable, System.find_executable(command)}, [
        :binary,
        :exit_status,
        :stderr_to_stdout,
        line: 100_000,
        args: arguments,
        cd: options[:cd] || File.cwd!(),
        env: environment(options[:env] || [])
      ])

    {:os_pid, pid} = Port.info(port, :os_pid)
    birth = OsProcess.birth("#{pid}")

    # Once it has ended, the number may be another's.
    ExUnit.Callbacks.on_exit(fn ->
      if birth && OsProcess.birth("#{pid}") == birth, do: OsProcess.kill(pid)
    end)

    running = %__MODULE__{port: port, pid: pid}
    %{running | first: line(running, options[:until] || ~r/^ready$/)}
  end

  defp environment(variables) do
    for {name, value} <- Program.variables() ++ variables,
        do: {to_charlist(name), if(value, do: to_charlist(value), else: false)}
  end

  @doc "Writes a line to its standard input, and returns what it prints behind `= `."
  @spec ask(t, String.t()) :: String.t()
  def ask(%{port: port} = running, text) do
    Port.command(port, text <> "\n")
    "= " <> answer = line(running, ~r/^= /)
    answer
  end

  @doc "The next line of its output that matches."
  @spec line(t, Regex.t()) :: String.t()
  def line(running, pattern), do: line(running, pattern, [])

  @doc "Waits for a line like each of them, in whatever order they come."
  @spec lines(t, [Regex.t()]) :: :ok
  def lines(_running, []), do: :ok

  def lines(running, patterns) do
    any = patterns |> Enum.map_join("|", &"(?:#{Regex.source(&1)})") |> Regex.compile!()
    line = line(running, any)
    lines(running, List.delete_at(patterns, Enum.find_index(patterns, &(line =~ &1))))
  end

  defp line(%{port: port} = running, pattern, before) do
    receive do
      {^port, {:data, {_, line}}} ->
        if line =~ pattern, do: line, else: line(running, pattern, [line | before])

      {^port, {:exit_status, status}} ->
        flunk("it ended with #{status} before #{inspect(pattern)}:\n#{text(before)}")
    after
      @limit -> flunk("no line like #{inspect(pattern)}:\n#{text(before)}")
    end
  end

  defp text(lines), do: lines |> Enum.reverse() |> Enum.join("\n")

  @doc "Tells it to end, by a signal, and waits for that: its status and the lines it still printed."
  @spec stop(t, String.t()) :: {0..255, [String.t()]}
  def stop(running, signal \\ "TERM") do
    {"", 0} = System.cmd("kill", ["-#{signal}", "#{running.pid}"])
    ended(running)
  end

  @doc "Waits for its end: its status and the lines it still printed."
  @spec ended(t, [String.t()]) :: {0..255, [String.t()]}
  def ended(%{port: port} = running, lines \\ []) do
    receive do
      {^port, {:data, {_, line}}} -> ended(running, [line | lines])
      {^port, {:exit_status, status}} -> {status, Enum.reverse(lines)}
    after
      @limit -> flunk("it does not end")
    end
  end
end

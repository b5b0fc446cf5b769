defmodule Rebeam.Message.Records do
  @moduledoc false
  # Records of Python's `logging` that it hands on (rebeam.LogHandler), as if its actor had logged it here. A
  # process of its own, so that whoever logs does not wait.
  use GenServer

  alias Rebeam.Message.Loans
  alias Rebeam.Names
  alias Rebeam.Value.Codec

  @levels %{
    "debug" => :debug,
    "info" => :info,
    "warning" => :warning,
    "error" => :error,
    "critical" => :critical
  }

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Whom Python casts its records to."
  @spec pid :: pid | nil
  def pid, do: Process.whereis(__MODULE__)

  @doc "Waits until all that was handed on is logged."
  @spec flush :: :ok
  def flush do
    if pid(), do: GenServer.call(__MODULE__, :flush, :infinity), else: :ok
  catch
    :exit, _ -> :ok
  end

  @impl true
  def init(nil), do: {:ok, nil}

  @impl true
  def handle_call(:flush, _from, nil), do: {:reply, :ok, nil}

  @impl true
  def handle_cast({:rebeam, "log", payload, _, _}, nil) do
    with {:ok, record} <- Codec.unpack_message(payload), do: log(record)
    {:noreply, nil}
  end

  def handle_cast({:rebeam, _subject, payload, _, _}, nil) do
    Loans.drop(payload)
    {:noreply, nil}
  end

  @impl true
  def handle_info(_message, nil), do: {:noreply, nil}

  defp log({level, logger, text, pid, microseconds, file, line}) do
    {actor, name} = about(pid)

    :logger.log(@levels[level], %{rebeam: text}, %{
      report_cb: fn %{rebeam: text} -> {~c"~ts", [text]} end,
      domain: [:python],
      time: microseconds,
      pid: pid || self(),
      gl: Process.group_leader(),
      logger: logger,
      actor: actor,
      name: name,
      python_file: file,
      python_line: line
    })
  end

  # Its label and its name, while it lives.
  defp about(pid) when is_pid(pid) and node(pid) == node() do
    with {:dictionary, dictionary} <- Process.info(pid, :dictionary) do
      {_, label} = List.keyfind(dictionary, :"$process_label", 0, {nil, nil})
      {label, List.first(Names.names_of(pid))}
    else
      nil -> {nil, nil}
    end
  end

  defp about(_), do: {nil, nil}
end

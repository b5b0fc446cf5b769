defmodule Rebeam do
  @moduledoc """
  Python actors on the BEAM.

  Python programs start with `mix rebeam.run main.py`; this module is what Elixir
  code sees of them.
  """

  alias Rebeam.{Names, Native, Value}

  @type target :: pid | String.t() | GenServer.server()
  @type result :: {:ok, term} | {:error, term} | {:timeout, nil} | {:down, String.t()}

  @doc """
  Sends `message` under `subject` to a Python actor and waits for its answer, at most
  `timeout` milliseconds.

  A name is a string. `{:down, reason}` says that there is no such process, or that it
  ended before it answered; the reason is the Python traceback if its handler raised.
  """
  @spec call(target, String.t(), term, timeout) :: result
  def call(target, subject, message, timeout \\ 5_000) do
    with {:ok, payload} <- Value.pack(message), do: request(target, subject, payload, timeout)
  end

  defp request(target, subject, payload, timeout) do
    case whereis(target) do
      nil -> {:down, "noproc"}
      server -> server |> GenServer.call({:rebeam, subject, payload}, timeout) |> decode()
    end
  catch
    :exit, {:timeout, _} -> {:timeout, nil}
    :exit, {reason, _} -> {:down, Rebeam.PythonError.reason_text(reason)}
  end

  defp decode({status, payload}) do
    case Value.unpack(payload) do
      {:ok, term} -> {status, term}
      {:error, text} -> {:error, text}
    end
  end

  @doc "Sends `message` and goes on. False if there is no such local process."
  @spec cast(target, String.t(), term) :: boolean
  def cast(target, subject, message) do
    with {:ok, payload} <- Value.pack(message), server when server != nil <- whereis(target) do
      GenServer.cast(server, {:rebeam, subject, payload, nil, nil})
      not is_pid(server) or node(server) != node() or Process.alive?(server)
    else
      nil -> false
      {:error, text} -> raise ArgumentError, text
    end
  end

  @doc "The process that is registered under a name, or nil."
  @spec whereis(target) :: GenServer.server() | nil
  def whereis(name) when is_binary(name), do: Names.whereis(name)
  def whereis(server), do: server

  @doc """
  Counts: `:actors`, `:suspended` (waiting on the heap), `:blocked` (waiting on a thread),
  `:abandoned` (threads on which code of killed actors still runs),
  `:handles` (Python objects that Erlang holds), and of the executor's `:threads`,
  `:detached`, `:queued` and `:jobs`.
  """
  @spec info() :: %{atom => non_neg_integer}
  def info, do: Native.counts()
end

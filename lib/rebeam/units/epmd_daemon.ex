defmodule Rebeam.Units.EpmdDaemon do
  @moduledoc false
  # OTP's port mapper daemon, by which nodes with a name find each other: one for all of a host.

  alias Rebeam.{Deadline, VM}

  # On a busy machine it listens long after the command that starts it has returned.
  @start_timeout 10_000
  @poll 10
  @port 4369
  # It is on the loopback interface of one of both, whatever ERL_EPMD_ADDRESS says.
  @loopback [{{127, 0, 0, 1}, :inet}, {{0, 0, 0, 0, 0, 0, 0, 1}, :inet6}]

  @doc "Returns once it listens: who asks before that is refused."
  @spec start :: :ok | {:error, String.t()}
  def start do
    if listens?(), do: :ok, else: run(Path.join(VM.bindir(), "epmd"))
  end

  defp run(epmd) do
    System.cmd(epmd, ["-daemon"])
    await(epmd, Deadline.of(@start_timeout))
  rescue
    error in ErlangError -> refused(epmd, "does not run: #{error.original}")
  end

  defp await(epmd, deadline) do
    cond do
      listens?() -> :ok
      Deadline.over?(deadline) -> refused(epmd, "does not listen at port #{port()}")
      true -> Process.sleep(@poll) && await(epmd, deadline)
    end
  end

  defp listens?, do: Enum.any?(@loopback, &listens?/1)

  defp listens?({address, family}) do
    case :gen_tcp.connect(address, port(), [family], @start_timeout) do
      {:ok, socket} -> :gen_tcp.close(socket) == :ok
      {:error, _} -> false
    end
  end

  # As OTP's erl_epmd finds it.
  defp port do
    with :error <- :init.get_argument(:epmd_port),
         nil <- System.get_env("ERL_EPMD_PORT") do
      @port
    else
      {:ok, [[port | _] | _]} -> List.to_integer(port)
      port -> String.to_integer(port)
    end
  end

  defp refused(epmd, why), do: {:error, "#{epmd}, by which nodes find each other, #{why}"}
end

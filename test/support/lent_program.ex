defmodule Rebeam.LentProgram do
  @moduledoc false
  # Programs that look at the large memory which goes between OS processes (lib/rebeam/message/loans.ex).

  alias Rebeam.InElixir

  # Before the program has units.
  @node ~S"""
  :ok = Rebeam.OwnNode.start("lent", :longnames)
  """

  @ready """
  open = fn ->
    for each <- File.ls!("/proc/self/fd"), path = "/proc/self/fd/" <> each,
        {:ok, "/memfd:rebeam-" <> _} <- [File.read_link(path)],
        {:ok, %{size: size}} when size > 1_000_000 <- [File.stat(path)], do: size
  end
  large = %Rebeam.Bytes{data: String.duplicate("0123456789", 300_000)}
  holder = wait_until(fn -> Rebeam.whereis("holder") end)
  wait_until(fn -> :ets.lookup(Rebeam.Message.Loans, node(holder)) == [{node(holder), true}] end)
  """

  @doc """
  What Elixir prints beside a holder in a unit and one here. It has `holder`, `large` and `open.()`:
  the sizes of what its OS process has lent.
  """
  @spec lines!(String.t()) :: [String.t()]
  def lines!(code) do
    "message/lent_holders.py"
    |> InElixir.lines!(@ready <> code, @node)
    |> Enum.reject(&(&1 =~ "SIGKILL"))
  end
end

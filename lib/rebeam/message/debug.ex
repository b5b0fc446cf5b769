defmodule Rebeam.Message.Debug do
  @moduledoc false
  # Debug mode: who waits for whom, and a warning when a call timed out because the
  # chain of waits leads back to the caller.
  #
  # On with `--log-level debug`, or with REBEAM_DEBUG set (not to "" or "0") in the
  # environment. Then all calls of actors go through their processes, both ways, so that
  # an account of waits can be exact: it is in each process' dictionary, under the key
  # `:"$rebeam_call"`, and so needs no cleaning up. Off, it costs nothing.

  alias Rebeam.{Log, Names}

  @key :"$rebeam_call"
  @variable "REBEAM_DEBUG"

  @doc "Finds out whether it is on. Call before Python starts: the native part looks once."
  @spec install() :: :ok
  def install do
    on? = Log.Filter.level() == :debug or System.get_env(@variable, "") not in ["", "0"]
    # This VM's own environment: neither Python nor its children see it.
    if on?, do: System.put_env(@variable, "1"), else: System.delete_env(@variable)
    :persistent_term.put(__MODULE__, on?)
  end

  @spec on?() :: boolean
  def on?, do: :persistent_term.get(__MODULE__, false)

  @doc "The calling process waits for an answer from `target`. False if no account is kept."
  @spec waits(pid, String.t()) :: boolean
  def waits(target, subject) do
    if on?(), do: Process.put(@key, {target, subject})
    on?()
  end

  @doc "It waits no more."
  @spec over() :: :ok
  def over do
    if on?(), do: Process.delete(@key)
    :ok
  end

  @doc "The calling process waited too long: warns if it waited for itself."
  @spec timed_out() :: :ok
  def timed_out do
    with true <- on?(),
         [_ | _] = chain <- chain(self(), []),
         do: Log.cycle(Enum.map(chain, &step/1))

    over()
  end

  # [{waiter, subject}] from the calling process on, if they lead back to it; else [].
  defp chain(pid, seen) do
    with {target, subject} <- wait_of(pid) do
      seen = [{pid, subject} | seen]

      cond do
        target == self() -> Enum.reverse(seen)
        # A cycle further on: others will tell.
        List.keymember?(seen, target, 0) -> []
        true -> chain(target, seen)
      end
    end
  end

  defp wait_of(pid), do: entry(pid, @key) || []

  defp step({pid, subject}), do: {label(pid), pid, subject}

  # What tools call it, else its name.
  defp label(pid) do
    case entry(pid, :"$process_label") do
      nil -> List.first(Names.names_of(pid), "")
      label when is_binary(label) -> label
      label -> inspect(label)
    end
  end

  # Of another node's processes nothing is known.
  defp entry(pid, _key) when node(pid) != node(), do: nil

  defp entry(pid, key) do
    with {:dictionary, dictionary} <- Process.info(pid, :dictionary),
         {_, value} <- List.keyfind(dictionary, key, 0),
         do: value
  end
end

if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.Leader do
    @moduledoc false
    # The group leader of a cell's script: what is printed goes to the cell's view, now and later, all
    # else to the notebook. Who prints waits until the view has it.

    @mark :"$rebeam_livebook_leader"

    @spec start_link(pid) :: pid
    def start_link(view) do
      notebook = Process.group_leader()

      spawn_link(fn ->
        Process.put(@mark, true)
        Process.monitor(view)
        serve(view, notebook)
      end)
    end

    @spec stop(pid) :: term
    def stop(leader), do: send(leader, :stop)

    @doc "Whether a process is one."
    @spec leader?(pid) :: boolean
    def leader?(pid) do
      node(pid) == node() and
        match?({:dictionary, [{@mark, true} | _]}, Process.info(pid, :dictionary))
    end

    @doc "Shows a line of the log. Waits for nobody."
    @spec log(pid, String.t()) :: term
    def log(leader, text), do: send(leader, {:log, text})

    defp serve(view, notebook) do
      receive do
        {:io_request, from, tag, request} ->
          answer(request, view, notebook, from, tag)
          serve(view, notebook)

        {:log, text} ->
          show(view, :line, text)
          serve(view, notebook)

        :stop ->
          :ok

        _ ->
          serve(view, notebook)
      end
    end

    defp answer({:put_chars, encoding, m, f, a}, view, notebook, from, tag),
      do: answer({:put_chars, encoding, apply(m, f, a)}, view, notebook, from, tag)

    defp answer({:put_chars, encoding, text}, view, _notebook, from, tag) do
      show(view, :text, :unicode.characters_to_binary(text, encoding))
      send(from, {:io_reply, tag, :ok})
    end

    defp answer(request, _view, notebook, from, tag),
      do: send(notebook, {:io_request, from, tag, request})

    defp show(view, what, text) when is_binary(text) do
      GenServer.call(view, {what, text}, :infinity)
    catch
      # Nobody looks any more.
      :exit, _ -> :ok
    end

    defp show(_view, _what, _not_unicode), do: :ok
  end
end

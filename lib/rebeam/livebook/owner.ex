if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.Owner do
    @moduledoc false
    # Whom a cell's script belongs to. Kino ends it when the cell is evaluated again or deleted, and
    # waits for that; so names are free before the cell's code runs once more.
    #
    #   Kino --ends--> Owner --Rebeam.stop--> script
    #                    |                      | prints, logs
    #                  View <----- Leader <-----/
    #
    # It stays when the script has ended: then it knows why.
    use GenServer

    alias Rebeam.Livebook.{File, Leader, View}
    alias Rebeam.Program.Script
    alias Rebeam.{PythonError, Session}

    # `result` is nil while the body runs, `{:ok, script}`, or `{:error, reason}`.
    defstruct [:path, :view, :leader, :script, :session, :request, :result, waiting: []]

    # For as long as the script needs to end in order.
    def child_spec(argument) do
      %{
        id: __MODULE__,
        start: {__MODULE__, :start_link, [argument]},
        restart: :temporary,
        shutdown: :infinity
      }
    end

    def start_link(argument), do: GenServer.start_link(__MODULE__, argument)

    @impl true
    def init({code, name, options, view}) do
      Process.flag(:trap_exit, true)
      path = File.write!(name, code)
      leader = Leader.start_link(view.pid)
      View.owned(view, self())
      {:ok, %__MODULE__{path: path, view: view, leader: leader}, {:continue, {:start, options}}}
    end

    @impl true
    def handle_continue({:start, options}, state) do
      Process.group_leader(self(), state.leader)
      options = [script: state.path, start: :async] ++ options

      case start(options) do
        {:ok, script} ->
          request = :gen_server.send_request(script, Script.awaiting())
          View.status(state.view, "starts", script)
          {:noreply, %{state | script: script, request: request}}

        {:error, reason} ->
          {:noreply, over(state, reason)}
      end
    end

    # A runtime of Livebook's has the server's terminal as its standard input. Who reads the notebook cannot
    # answer there: input() raises EOFError.
    @no_input "import io, sys\nsys.stdin = io.StringIO()"

    # What is wrong with the options is said where they are from.
    defp start(options) do
      with {:ok, _} <- Rebeam.eval(@no_input), do: Rebeam.start_link(options)
    rescue
      error -> {:error, {error, __STACKTRACE__}}
    end

    @impl true
    def handle_call(:await, from, %{result: nil} = state),
      do: {:noreply, %{state | waiting: [from | state.waiting]}}

    def handle_call(:await, _from, state), do: {:reply, answer(state), state}

    def handle_call(:session, _from, %{session: nil} = state) do
      with {:ok, session} = started <- Session.start_link(script: state.path),
           do: {:reply, started, %{state | session: session}},
           else: (error -> {:reply, error, state})
    end

    def handle_call(:session, _from, state), do: {:reply, {:ok, state.session}, state}
    def handle_call(:stop, _from, state), do: {:reply, :ok, stop(state)}

    @impl true
    def handle_cast(:stop, state), do: {:noreply, stop(state)}

    @impl true
    def handle_info({:EXIT, script, reason}, %{script: script} = state),
      do: {:noreply, over(%{state | script: nil}, reason)}

    def handle_info({:EXIT, session, _reason}, %{session: session} = state),
      do: {:noreply, %{state | session: nil}}

    def handle_info(message, %{request: request} = state) when request != nil do
      case :gen_server.check_response(message, request) do
        {:reply, :ok} ->
          View.status(state.view, "runs", state.script)
          {:noreply, told(%{state | request: nil, result: {:ok, state.script}})}

        # Its exit says why.
        {:error, _} ->
          {:noreply, %{state | request: nil}}

        _ ->
          {:noreply, state}
      end
    end

    def handle_info(_message, state), do: {:noreply, state}

    # A body that made no tree has ended in order: its names are still there.
    defp over(state, :normal) do
      View.status(state.view, "has ended", nil)
      told(%{state | result: state.result || {:ok, nil}})
    end

    defp over(state, reason) do
      View.status(state.view, if(reason == :stopped, do: "was stopped", else: "failed"), nil)
      told(%{state | result: {:error, reason}})
    end

    defp told(state) do
      for from <- state.waiting, do: GenServer.reply(from, answer(state))
      %{state | waiting: []}
    end

    defp answer(%{result: {:ok, script}} = state), do: {:ok, script, state.path}
    defp answer(%{result: error}), do: error

    defp stop(state) do
      if session = state.session, do: end_session(session)
      script = state.script

      if script do
        try do
          Rebeam.stop(script)
        catch
          :exit, _ -> :ok
        end

        receive do
          {:EXIT, ^script, _} -> :ok
        end

        over(%{state | script: nil, session: nil, request: nil}, :stopped)
      else
        %{state | session: nil}
      end
    end

    defp end_session(session) do
      Rebeam.stop(session)
    catch
      :exit, _ -> :ok
    end

    @impl true
    def terminate(_reason, state) do
      stop(state)
      Leader.stop(state.leader)
      File.remove(state.path)
    end

    @doc "Why it failed, for people."
    @spec text(term) :: String.t()
    def text(:stopped), do: "it was stopped"
    def text({%{__exception__: true} = error, _}), do: Exception.message(error)
    def text(reason), do: PythonError.start_error(reason)
  end
end

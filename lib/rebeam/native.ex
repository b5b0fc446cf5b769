defmodule Rebeam.Native do
  @moduledoc false
  # The core NIF library. It can only be loaded once libpython is open, so it is
  # loaded by `load/0`, not when the module is.

  @doc "Loads the library. Call after `Rebeam.Loader.open/1`."
  @spec load() :: :ok | {:error, {atom, charlist}}
  def load do
    loaded = "rebeam" |> Rebeam.Loader.library() |> :erlang.load_nif(MapSet.new())
    :persistent_term.put(__MODULE__, loaded?() or loaded == :ok)
    loaded
  end

  @doc "Loads it unless that was done, and has words for an error."
  @spec ensure :: :ok | {:error, String.t()}
  def ensure do
    case load() do
      :ok -> :ok
      {:error, {:reload, _}} -> :ok
      {:error, {_, text}} -> {:error, "the native library could not be loaded: #{text}"}
    end
  end

  @doc "Whether the library is there, and with it a libpython."
  @spec loaded? :: boolean
  def loaded?, do: :persistent_term.get(__MODULE__, false)

  # What a function answers before the library is there. A newer compiler would take the plain value
  # for all that the function can answer, and warn of who expects more.
  defp without(answer), do: :persistent_term.get({__MODULE__, :without}, answer)

  # Before Python is started there is nothing to count, and no name was looked up natively.
  @counted ~w(abandoned actors suspended blocked handles helpers shared threads detached dedicated queued jobs)a

  # Python's life (c_src/embed/embed.h)
  def python_start(_arguments, _package), do: :erlang.nif_error(:not_loaded)

  def python_script(_mode, _path, _arguments, _supervised, _output),
    do: :erlang.nif_error(:not_loaded)

  def python_finish, do: :erlang.nif_error(:not_loaded)
  def heed_signals, do: :erlang.nif_error(:not_loaded)
  def end_signals, do: :erlang.nif_error(:not_loaded)

  # Interpreter units (c_src/embed/subinterpreter.h)
  def interpreter_start(_packed), do: :erlang.nif_error(:not_loaded)
  def interpreter_counts(_maker), do: :erlang.nif_error(:not_loaded)
  def interpreter_number(_maker), do: :erlang.nif_error(:not_loaded)

  # The library itself (c_src/nif.c)
  def set_clients, do: :erlang.nif_error(:not_loaded)
  def counts, do: Map.new(@counted, &{&1, 0})
  def halt(_status), do: :erlang.nif_error(:not_loaded)

  # Actors (c_src/actor/actor.h)
  def actor_new(_recipe, _thread, _output), do: :erlang.nif_error(:not_loaded)

  def actor_work(_actor, _work, _subject, _payload, _source, _status),
    do: :erlang.nif_error(:not_loaded)

  def actor_withdraw(_actor, _kind, _prefix), do: :erlang.nif_error(:not_loaded)
  def actor_count(_actor, _begin), do: :erlang.nif_error(:not_loaded)
  def actor_enlist(_actor), do: :erlang.nif_error(:not_loaded)
  def actor_open(_actor, _open), do: :erlang.nif_error(:not_loaded)
  def actor_arrived(_actor), do: :erlang.nif_error(:not_loaded)
  def actor_interrupt(_actor, _from), do: :erlang.nif_error(:not_loaded)
  def actor_stay(_actor), do: :erlang.nif_error(:not_loaded)
  def actor_leave(_actor), do: :erlang.nif_error(:not_loaded)
  def actor_close(_actor, _reason), do: :erlang.nif_error(:not_loaded)

  def actor_resume(_actor, _sequence, _kind, _status, _payload),
    do: :erlang.nif_error(:not_loaded)

  def actor_cast(_pids, _subject, _payload), do: :erlang.nif_error(:not_loaded)
  def actor_unanswered(_actor, _sequence), do: :erlang.nif_error(:not_loaded)
  def actor_kill(_actor), do: :erlang.nif_error(:not_loaded)
  def actor_output(_actor), do: :erlang.nif_error(:not_loaded)
  def actor_asked(_actor, _states, _asker, _sequence), do: :erlang.nif_error(:not_loaded)
  def actor_reply(_tag, _status, _payload), do: :erlang.nif_error(:not_loaded)
  def actor_help(_actor), do: :erlang.nif_error(:not_loaded)
  def actor_idle(_actor, _milliseconds), do: :erlang.nif_error(:not_loaded)

  # Looking in (c_src/actor/survey.h)
  def survey_take, do: without(nil)
  def survey_rows(_survey, _earlier, _order, _limit), do: without([])
  def survey_pids(_survey), do: without([])
  def survey_row(_survey, _earlier, _pid), do: without(nil)
  def survey_names(_survey, _earlier), do: without([])
  def survey_ended, do: without([])
  def survey_between(_survey, _earlier), do: without(0)
  def survey_aim(_actor, _sequence, _pid), do: without(:ok)
  def survey_look(_pid), do: without(nil)
  def stack_ask(_pid, _reference), do: without(nil)
  def tracing_start(_pid, _messages), do: without(nil)
  # Starts that were asked for (c_src/actor/asked.h)
  def states_new(_count), do: :erlang.nif_error(:not_loaded)
  def states_exchange(_states, _place, _expected, _new), do: :erlang.nif_error(:not_loaded)

  # Mailboxes (c_src/message/mailbox.h)
  def mailbox_cast(_pid, _subject, _payload, _sender, _status),
    do: :erlang.nif_error(:not_loaded)

  def mailbox_publish(_pid, _subject, _payload, _limit), do: :erlang.nif_error(:not_loaded)
  def mailbox_cancel(_pid), do: :erlang.nif_error(:not_loaded)
  def mailbox_detour(_pid), do: without(false)

  # No message is Python's then.
  def mailbox_send(pid, message) do
    send(pid, message)
    :ok
  end

  # Names that were looked up (c_src/message/names.h)
  def names_version(_name), do: without(0)
  def names_learn(_name, _pid, _version), do: without(:ok)
  def names_changed, do: without(:ok)
  def names_forget(_name), do: without(:ok)

  # What is printed for group leaders (c_src/output/output.h)
  def output_progress, do: without(false)
  def output_attach, do: without(:ok)
  def output_detach, do: without(:ok)
  def output_written(_sequence), do: without(:ok)
  def pipe_read(_pipe), do: without(nil)
  def pipe_select(_pipe), do: without(:ok)

  # Values (c_src/value/value.h)
  def value_pack(_term), do: :erlang.nif_error(:not_loaded)
  def value_payload(_term), do: :erlang.nif_error(:not_loaded)
  def value_unpack(_bytes), do: :erlang.nif_error(:not_loaded)
  def value_unpack_message(_payload), do: :erlang.nif_error(:not_loaded)
  def value_options(_objects_allowed, _size_max), do: :erlang.nif_error(:not_loaded)

  # Memory for other OS processes (c_src/memory/file.h)
  def memory_lend(_part), do: :erlang.nif_error(:not_loaded)
  def memory_take(_address), do: :erlang.nif_error(:not_loaded)
  def memory_map(_file), do: :erlang.nif_error(:not_loaded)
  def memory_close(_file), do: :erlang.nif_error(:not_loaded)

  # Counters, gauges and flags (c_src/counter/cell.h)
  def cell_share, do: :erlang.nif_error(:not_loaded)
  def cell_join(_address), do: :erlang.nif_error(:not_loaded)
  def cell_get(_kind, _index), do: :erlang.nif_error(:not_loaded)
  def cell_add(_kind, _index, _number), do: :erlang.nif_error(:not_loaded)
  def cell_exchange(_kind, _index, _number), do: :erlang.nif_error(:not_loaded)
end

defmodule Rebeam.Native do
  @moduledoc false
  # The core NIF library. It can only be loaded once libpython is open, so it is
  # loaded by `load/0`, not when the module is.

  @doc "Loads the library. Call after `Rebeam.Loader.open/1`."
  @spec load() :: :ok | {:error, {atom, charlist}}
  def load do
    "rebeam" |> Rebeam.Loader.library() |> :erlang.load_nif(MapSet.new())
  end

  # Python's life (c_src/embed.h)
  def python_start(_arguments, _package), do: :erlang.nif_error(:not_loaded)
  def python_script(_mode, _path), do: :erlang.nif_error(:not_loaded)
  def python_finish, do: :erlang.nif_error(:not_loaded)

  # The library itself (c_src/nif.c)
  def set_clients, do: :erlang.nif_error(:not_loaded)
  def counts, do: :erlang.nif_error(:not_loaded)
  def halt(_status), do: :erlang.nif_error(:not_loaded)

  # Actors (c_src/actor.h)
  def actor_new(_handle), do: :erlang.nif_error(:not_loaded)

  def actor_work(_actor, _work, _subject, _payload, _source, _status),
    do: :erlang.nif_error(:not_loaded)

  def actor_withdraw(_actor, _kind, _prefix), do: :erlang.nif_error(:not_loaded)
  def actor_close(_actor, _reason), do: :erlang.nif_error(:not_loaded)

  def actor_resume(_actor, _sequence, _kind, _status, _payload),
    do: :erlang.nif_error(:not_loaded)

  def actor_reply(_tag, _status, _payload), do: :erlang.nif_error(:not_loaded)
  def actor_idle(_actor, _milliseconds), do: :erlang.nif_error(:not_loaded)

  # Bounded mailboxes (c_src/mailbox.h)
  def mailbox_cast(_pid, _subject, _payload, _sender, _status),
    do: :erlang.nif_error(:not_loaded)

  # Names that were looked up (c_src/names.h)
  def names_version, do: :erlang.nif_error(:not_loaded)
  def names_learn(_name, _pid, _version), do: :erlang.nif_error(:not_loaded)
  def names_changed, do: :erlang.nif_error(:not_loaded)

  # Values (c_src/value.h)
  def value_pack(_term), do: :erlang.nif_error(:not_loaded)
  def value_unpack(_bytes), do: :erlang.nif_error(:not_loaded)
end

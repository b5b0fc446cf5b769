defmodule Rebeam.Value do
  @moduledoc """
  The binary form in which values travel between Elixir and Python.

  Messages are packed and unpacked by the runtime; these functions are for keeping
  values elsewhere, and for tests. What Python sees of a term and what Elixir sees
  of a Python object is one table:

  | Elixir | Python |
  | --- | --- |
  | `nil`, `true`, `false` | `None`, `True`, `False` |
  | integer, float | `int`, `float`; `nan` and the infinities are a `Rebeam.Object` |
  | UTF-8 binary | `str`; one with lone surrogates is a `Rebeam.Object` |
  | `Rebeam.Bytes`, any other binary | `bytes` |
  | list, tuple, map | `list`, `tuple`, `dict` |
  | `MapSet` | `set`; `frozenset` as a key or in a set |
  | other atom | `rebeam.Atom`; Python cannot make new ones |
  | pid, reference | `rebeam.ProcessID`, `rebeam.Reference` |
  | `Date`, `Time`, `NaiveDateTime` | `date`, `time`, `datetime` without a zone |
  | `DateTime` | `datetime` with `timezone.utc`, a `ZoneInfo`, or a fixed offset |
  | `Rebeam.Buffer` | numpy array, `memoryview` or `array.array` |
  | any other struct | `dict` with the key `Atom("__struct__")` |
  | `Rebeam.Object` | the object itself; any object without a line here |
  | fun, port, bitstring, improper list | `rebeam.Term`, opaque |

  Maps and lists cannot be keys of a Python `dict` or elements of a `set`: in these
  places they are opaque `rebeam.Term`s. Everything opaque goes back unchanged.

  Memory is shared, not copied, where it is large: see `Rebeam.Buffer`. Other objects of Python
  travel as what pickle would make of them, and only Python makes them again: from messages of this
  node, or of nodes that know its cookie. `config :rebeam, pickle: false` forbids them altogether, at
  both ends, and `config :rebeam, message_max: bytes` messages that are larger (in the environment
  of the `mix rebeam.run` command `REBEAM_PICKLE=no` and `REBEAM_MESSAGE_MAX`). No atom is ever made
  from Python's text.

  A fixed offset has no name in the time zone database: such a `DateTime` has the
  offset's text (`"UTC+02:00"`) for `:time_zone` and `:zone_abbr`.
  """

  alias Rebeam.Native
  alias Rebeam.Message.Loans
  alias Rebeam.Value.Limits

  @doc """
  Packs a term.

      iex> {:ok, packed} = Rebeam.Value.pack(%{"n" => 1})
      iex> Rebeam.Value.unpack(packed)
      {:ok, %{"n" => 1}}

  The error is a text: the term is nested more than 10,000 levels deep, or memory ran out.
  """
  @spec pack(term()) :: {:ok, binary()} | {:error, String.t()}
  def pack(term), do: Native.value_pack(term)

  @typedoc false
  @type payload :: binary() | [binary() | {reference(), binary()}, ...]

  @doc false
  # As a message has it: with large binaries beside it that are not copied. First the binary that
  # pack/1 would make without them, then each as it is; Python's memory comes with a reference.
  @spec payload(term()) :: {:ok, payload} | {:error, String.t()}
  def payload(term), do: Native.value_payload(term)

  @doc false
  # Of a message: message_max is for these alone, not for what the runtime tells Python.
  @spec payload!(term()) :: payload
  def payload!(term) do
    with {:ok, payload} <- payload(term),
         :ok <- Limits.check(payload) do
      payload
    else
      {:error, text} -> raise ArgumentError, text
    end
  end

  @doc false
  # Also as it comes from another OS process: see Rebeam.Message.Loans.take/1.
  defguard is_payload(term)
           when is_binary(term) or (is_list(term) and term != [] and is_binary(hd(term))) or
                  (is_tuple(term) and elem(term, 0) == :lent)

  @doc false
  # What a callback of a process returns once a message with a payload was handed on. As garbage
  # of a process that is idle from now on, shared memory would stay for ever. `message` is the
  # payload, or a tuple that has it. The process has a clause of handle_continue for :collect.
  # (To hibernate would not do: with a message waiting, no garbage is collected.)
  @spec handed_on(term, state) :: {:noreply, state} | {:noreply, state, {:continue, :collect}}
        when state: term
  def handed_on(message, state) do
    if parts?(message), do: {:noreply, state, {:continue, :collect}}, else: {:noreply, state}
  end

  @doc false
  # That clause.
  @spec collect(state) :: {:noreply, state} when state: term
  def collect(state) do
    :erlang.garbage_collect()
    {:noreply, state}
  end

  @doc false
  # What a process does instead that is in the middle of something: it remembers.
  @spec passed(term) :: true | nil
  def passed(message), do: if(parts?(message), do: Process.put({__MODULE__, :passed}, true))

  @doc false
  # Whether it has to hibernate now that its work is over, and collects that way. With messages
  # waiting it does not, so it is asked again after them.
  @spec passed?() :: boolean
  def passed? do
    passed? = Process.get({__MODULE__, :passed}, false)
    waiting = passed? and Process.info(self(), :message_queue_len)
    if waiting == {:message_queue_len, 0}, do: Process.delete({__MODULE__, :passed})
    passed?
  end

  defp parts?([head | _]), do: is_binary(head)
  defp parts?({:lent, _, _, _}), do: true
  defp parts?({_tag, {_status, payload}}), do: parts?(payload)
  defp parts?({:call, _, _, payload, _, _}), do: parts?(payload)
  defp parts?({:cast, _, _, payload, _}), do: parts?(payload)
  defp parts?({:operation, _, payload, _}), do: parts?(payload)
  defp parts?(_message), do: false

  @doc "The same, or `ArgumentError` with that text."
  @spec pack!(term()) :: binary()
  def pack!(term) do
    case pack(term) do
      {:ok, packed} -> packed
      {:error, text} -> raise ArgumentError, text
    end
  end

  @doc """
  Unpacks a binary that `pack/1` or Python made.

  The error is a text: the value contains itself, names an atom that does not exist,
  is too large for Erlang, or the binary is malformed. The bytes may come from anywhere:
  no code is run for them, and no atom made, not even for a pid of a node that is unknown here.

      iex> Rebeam.Value.unpack("neither")
      {:error, "malformed packed value"}
  """
  @spec unpack(binary() | payload) :: {:ok, term()} | {:error, String.t()}
  def unpack(packed) when is_payload(packed), do: take(packed, &Native.value_unpack/1)

  @doc false
  # The same of a message: its pids may be of nodes that are new here, as in any other message.
  @spec unpack_message(payload) :: {:ok, term()} | {:error, String.t()}
  def unpack_message(payload) when is_payload(payload),
    do: take(payload, &Native.value_unpack_message/1)

  defp take(payload, unpack) do
    with {:ok, payload} <- Loans.take(payload), do: unpack.(payload)
  end
end

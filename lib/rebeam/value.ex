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
  | `Rebeam.Object` with its `str()` as `:text` | `timedelta`, `timezone`, `ZoneInfo`, `Decimal`; a `time` with a zone, or a `datetime` whose offset has fractions of a second |
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
  offset's text (`"UTC+02:00"`) for `:time_zone`, and for `:zone_abbr` if it has no name.
  """

  import Rebeam.Message.Payload, only: [is_payload: 1]

  alias Rebeam.{Native, Nodes}
  alias Rebeam.Message.Loans
  alias Rebeam.Python.Runtime
  alias Rebeam.Value.Codec

  @doc """
  Packs a term.

      iex> {:ok, packed} = Rebeam.Value.pack(%{"n" => 1})
      iex> Rebeam.Value.unpack(packed)
      {:ok, %{"n" => 1}}

  The error is a text: the term is nested more than 10,000 levels deep, or memory ran out.
  """
  @spec pack(term()) :: {:ok, binary()} | {:error, String.t()}
  def pack(term) do
    load()
    Codec.pack(term)
  end

  @doc "The same, or `ArgumentError` with that text."
  @spec pack!(term()) :: binary()
  def pack!(term) do
    load()
    Codec.pack!(term)
  end

  @doc false
  # As a message has it, which may not be larger than message_max.
  @spec payload!(term()) :: payload
  def payload!(term) do
    load()
    Codec.payload!(term)
  end

  @typedoc false
  @type payload :: Codec.payload()

  @doc """
  Unpacks a binary that `pack/1` or Python made.

  The error is a text: the value contains itself, names an atom that does not exist,
  is too large for Erlang, or the binary is malformed. The bytes may come from anywhere:
  no code is run for them, and no atom made, not even for a pid of a node that is unknown here.

      iex> Rebeam.Value.unpack("neither")
      {:error, "malformed packed value"}
  """
  @spec unpack(binary() | payload) :: {:ok, term()} | {:error, String.t()}
  def unpack(packed) when is_payload(packed), do: take(packed, &Codec.unpack/1)

  @doc false
  # The same of a message: its pids may be of nodes that are new here, as in any other message.
  @spec unpack_message(payload) :: {:ok, term()} | {:error, String.t()}
  def unpack_message(payload) when is_payload(payload),
    do: take(payload, &Codec.unpack_message/1)

  defp take(payload, unpack) do
    load()
    with {:ok, payload} <- Loans.take(payload), do: unpack.(payload)
  end

  @doc false
  # Whoever needs values first has Python started, as the codec cannot be loaded without.
  def load do
    with false <- Native.loaded?() or Nodes.front?(),
         {:error, text} <- Runtime.ensure(),
         do: raise("Python cannot be started: " <> text)
  end
end

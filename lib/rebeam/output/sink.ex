defmodule Rebeam.Output.Sink do
  @moduledoc false
  # One group leader, as the relay has it: what was sent to it, beginnings of lines, and the pipe
  # of processes that write to a descriptor.
  #
  # What such a process wrote comes before what is printed after its end: so the pipe is read
  # before each print. Else it is read when there is something, and no more before that was written.

  alias Rebeam.Native

  # How often a pipe is read, at most, before a print, by 64 KiB each: who writes for ever is not
  # waited for.
  @reads 16

  @enforce_keys [:number, :leader]
  # `lines` are beginnings, {writer, since when, bytes}, the oldest first.
  defstruct [:number, :leader, :pipe, sent: [], lines: [], split: ""]

  @type tag :: {:thread, pos_integer} | {:caller, GenServer.from()} | :pipe | nil
  @type t :: %__MODULE__{
          number: pos_integer,
          leader: pid,
          pipe: reference | nil,
          sent: [tag],
          lines: [{integer, integer, iodata}],
          split: binary
        }

  @spec new(pos_integer, pid) :: t
  def new(number, leader), do: %__MODULE__{number: number, leader: leader}

  @doc "Whether there are beginnings of lines."
  @spec waits?(t | nil) :: boolean
  def waits?(sink), do: sink != nil and sink.lines != []

  @doc "The beginning of a line."
  @spec keep(t, integer, binary) :: t
  def keep(sink, writer, bytes) do
    {_, since, before} = List.keyfind(sink.lines, writer, 0, {writer, now(), ""})
    %{sink | lines: List.keystore(sink.lines, writer, 0, {writer, since, [before | bytes]})}
  end

  @doc "What is told to whom `tag` says, once it is written."
  @spec print(t, integer, binary, tag) :: t
  def print(sink, writer, bytes, tag) do
    {_, _, before} = List.keyfind(sink.lines, writer, 0, {writer, 0, ""})
    sink = drain(%{sink | lines: List.keydelete(sink.lines, writer, 0)}, @reads)

    case split(IO.iodata_to_binary([before | bytes])) do
      {"", ""} -> done(sink, tag)
      {text, ""} -> put(sink, text, tag)
      {text, rest} -> sink |> put(text, tag) |> keep(writer, rest)
    end
  end

  @doc "Beginnings that have waited for so many milliseconds are sent."
  @spec rest(t, non_neg_integer) :: t
  def rest(sink, waited) do
    until = now() - waited
    {old, young} = Enum.split_while(sink.lines, fn {_, since, _} -> since <= until end)

    Enum.reduce(old, %{sink | lines: young}, fn {_, _, bytes}, sink ->
      put(sink, IO.iodata_to_binary(bytes), nil)
    end)
  end

  defp now, do: System.monotonic_time(:millisecond)

  @doc "Sends all that is there."
  @spec flush(t, tag) :: t
  def flush(sink, tag) do
    sink = sink |> drain(@reads) |> rest(0)
    if sink.sent == [], do: done(sink, tag), else: put(sink, "", tag)
  end

  @doc "The group leader has it."
  @spec written(t, tag) :: t
  def written(sink, tag) do
    sink = done(%{sink | sent: List.delete(sink.sent, tag)}, tag)
    if tag == :pipe, do: Native.pipe_select(sink.pipe)
    sink
  end

  @doc "It ended: what is printed from now on goes to the terminal of this VM."
  @spec lost(t) :: t
  def lost(sink) do
    sent = sink.sent
    sink = %{sink | sent: [], leader: Process.whereis(:user)}
    Enum.reduce(sent, sink, &written(&2, &1))
  end

  # ---- the pipe ------------------------------------------------------------------------------

  @doc "It was made."
  @spec open(t, reference) :: t
  def open(sink, pipe) do
    Native.pipe_select(pipe)
    %{sink | pipe: pipe}
  end

  @doc "There is something in it, or was."
  @spec read(t) :: t
  def read(sink) do
    case Native.pipe_read(sink.pipe) do
      nil ->
        Native.pipe_select(sink.pipe)
        sink

      bytes ->
        put_piped(sink, bytes, :pipe)
    end
  end

  defp drain(%{pipe: nil} = sink, _reads), do: sink
  defp drain(sink, 0), do: sink

  defp drain(sink, reads) do
    case Native.pipe_read(sink.pipe) do
      nil -> sink
      bytes -> sink |> put_piped(bytes, nil) |> drain(reads - 1)
    end
  end

  # A character may be in two reads.
  defp put_piped(sink, bytes, tag) do
    {text, split} = split(sink.split <> bytes)
    put(%{sink | split: split}, text, tag)
  end

  # ---- the group leader ------------------------------------------------------------------------

  defp put(sink, text, tag) do
    request = {:put_chars, :unicode, text(text)}
    send(sink.leader, {:io_request, self(), {sink.number, tag}, request})
    %{sink | sent: [tag | sink.sent]}
  end

  # Text up to a character that is not whole.
  defp split(bytes) do
    case :unicode.characters_to_binary(bytes) do
      {:incomplete, text, rest} -> {text, rest}
      _ -> {bytes, ""}
    end
  end

  # Bytes that are none: an io server takes text alone.
  defp text(bytes) do
    case :unicode.characters_to_binary(bytes) do
      {:error, text, <<_, rest::binary>>} -> text <> "\uFFFD" <> text(rest)
      {:incomplete, text, _rest} -> text <> "\uFFFD"
      text -> text
    end
  end

  defp done(sink, {:thread, sequence}), do: Native.output_written(sequence) && sink
  defp done(sink, {:caller, from}), do: GenServer.reply(from, :ok) && sink
  defp done(sink, _tag), do: sink
end

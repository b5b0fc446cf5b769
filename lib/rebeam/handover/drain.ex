defmodule Rebeam.Handover.Drain do
  @moduledoc false
  # Takes out of an I/O device what it holds, and does not wait for more.
  #
  # Questions to an idle device have no end, so they are put by a process of
  # their own, which is given up after a while.

  @doc "`count` bytes, or none if the device lacks some of them after `patience` ms."
  @spec counted(pid, non_neg_integer, timeout) :: binary
  def counted(_device, 0, _patience), do: <<>>

  def counted(device, count, patience) do
    # As bytes: OTP 25 keeps those, and decodes as it is told to.
    :io.setopts(device, binary: true, encoding: :latin1)

    question = Task.async(fn -> IO.binread(device, count) end)

    case Task.yield(question, patience) || Task.shutdown(question, :brutal_kill) do
      {:ok, bytes} when is_binary(bytes) -> bytes
      _ -> <<>>
    end
  end

  @doc "All bytes, up to the end of input or a silence of `quiet` ms."
  @spec until_quiet(pid, timeout) :: binary
  def until_quiet(device, quiet) do
    parent = self()
    encoding = :io.getopts(device)[:encoding]
    reader = spawn(fn -> read(parent, device, encoding) end)
    bytes = collect(reader, [], quiet)
    Process.exit(reader, :kill)
    bytes
  end

  @doc false
  # Called by the device, as the function of a `get_until` request: takes
  # whatever there is, of at least one character.
  def available(_continuation, :eof, _encoding), do: {:done, :eof, []}
  def available(_continuation, [], _encoding), do: {:more, []}
  def available(_continuation, text, encoding), do: {:done, to_bytes(text, encoding), []}

  # A device that met a byte which is not UTF-8 goes on in Latin-1, one character
  # a byte. What it had decoded before may hold larger ones.
  defp to_bytes(text, :unicode), do: :unicode.characters_to_binary(text)

  defp to_bytes(text, :latin1) do
    :erlang.list_to_binary(text)
  rescue
    ArgumentError -> IO.iodata_to_binary(Enum.map(text, &to_byte/1))
  end

  defp to_byte(character) when character < 256, do: character
  defp to_byte(character), do: <<character::utf8>>

  defp read(parent, device, encoding) do
    answer = ask(device, encoding)
    send(parent, {self(), answer})
    if is_binary(answer), do: read(parent, device, encoding)
  end

  defp ask(device, encoding) do
    reference = Process.monitor(device)
    request = {:get_until, :unicode, "", __MODULE__, :available, [encoding]}
    send(device, {:io_request, self(), reference, request})

    receive do
      {:io_reply, ^reference, answer} -> answer
      {:DOWN, ^reference, _, _, _} -> :eof
    end
  end

  defp collect(reader, chunks, quiet) do
    receive do
      {^reader, chunk} when is_binary(chunk) -> collect(reader, [chunk | chunks], quiet)
      {^reader, _end_or_error} -> join(chunks)
    after
      quiet -> join(chunks)
    end
  end

  defp join(chunks), do: chunks |> Enum.reverse() |> IO.iodata_to_binary()
end

defmodule Rebeam.Tables.Log do
  @moduledoc false
  # The file of a table: what was done to its rows, in order. Written at its end only, and read from its
  # beginning when the table is opened; compacted, it begins with all rows.
  #
  #     "Re:BEAM table 1\n", then records: mark, size (8 bytes), CRC-32 of size and body, body
  #
  # A body is a term in Erlang's external format: first {name, type}, then lists of effects
  # (Rebeam.Tables.Rows). A record is whole or it is not there: what an end by force cuts off was not
  # acknowledged. Nothing in a file becomes an atom or runs; values stay packed.
  #
  # Why it is none of OTP's own: priv/guides/architecture.md.

  alias Rebeam.Tables.{Order, Rows}

  @magic "Re:BEAM table 1\n"
  @mark <<0xE7, "tb", 0x1E>>
  @head 16
  @window 1_048_576

  @type refusal :: {:refused, exception :: String.t(), text :: String.t()}

  @doc "How a file begins."
  @spec header(String.t(), Rows.type()) :: iodata
  def header(name, type), do: [@magic, record({name, Atom.to_string(type)})]

  @doc "What was done, as a record."
  @spec effects([Rows.effect()]) :: iodata
  def effects(effects), do: effects |> Enum.map(&plain/1) |> record()

  # Memory that is shared is bytes in a file.
  defp plain({:put, rows}), do: {:put, Enum.map(rows, &plain_row/1)}
  defp plain({:discard, row}), do: {:discard, plain_row(row)}
  defp plain(effect), do: effect

  defp plain_row({key, value, given}), do: {key, plain_value(value), plain_value(given)}

  defp plain_value([_ | _] = parts), do: Enum.map(parts, &with({_, binary} <- &1, do: binary))
  defp plain_value(value), do: value

  defp record(term) do
    body = :erlang.term_to_iovec(words(term))
    size = IO.iodata_length(body)
    [@mark, <<size::64, checksum(size, body)::32>> | body]
  end

  # Words are text in a file, so that its atoms are those of values alone: nil, true, false.
  defp words(list) when is_list(list), do: Enum.map(list, &word/1)
  defp words(term), do: term

  defp word(:clear), do: {"clear"}
  defp word({word, what}), do: {Atom.to_string(word), what}

  defp checksum(size, body), do: :erlang.crc32([<<size::64>>, body])

  # ---- reading -----------------------------------------------------------------------------

  @doc """
  Reads the file of that table: each effect goes to `redo`. The bytes of it that are whole, and how
  many there are behind that, which were not acknowledged. An empty file has 0 of both.
  """
  @spec read(Path.t(), String.t(), Rows.type(), (Rows.effect() -> term)) ::
          {:ok, whole :: non_neg_integer, torn :: non_neg_integer} | refusal
  def read(path, name, type, redo) do
    case :file.open(path, [:raw, :read, :binary, read_ahead: @window]) do
      {:ok, fd} ->
        {:ok, size} = :file.position(fd, :eof)
        {:ok, 0} = :file.position(fd, 0)
        file = %{fd: fd, path: path, size: size, type: type, redo: redo}
        result = read_head(file, name, type)
        :file.close(fd)
        result

      {:error, reason} ->
        refused("OSError", path, "cannot be read: #{:file.format_error(reason)}")
    end
  end

  defp read_head(file, name, type) do
    header = IO.iodata_to_binary(header(name, type))
    length = min(file.size, byte_size(header))
    begins = if length == 0, do: "", else: elem(:file.read(file.fd, length), 1)

    cond do
      begins == header -> read_records(file, length)
      # Its program was ended while it made it.
      String.starts_with?(header, begins) -> {:ok, 0, file.size}
      not String.starts_with?(begins, @magic) -> foreign(file, begins)
      true -> of_another(file)
    end
  end

  defp foreign(file, "Re:BEAM table " <> _),
    do: refused("ValueError", file.path, "is a table of another version of Re:BEAM")

  defp foreign(file, _),
    do: refused("ValueError", file.path, "is no file of a table, but of something else")

  defp of_another(file) do
    with {:ok, {name, type}, _} when is_binary(name) <- record_at(file, byte_size(@magic)) do
      refused("ValueError", file.path, "has the table #{inspect(name)}, type #{inspect(type)}")
    else
      _ -> damaged(file, byte_size(@magic))
    end
  end

  defp read_records(%{size: size}, size), do: {:ok, size, 0}

  defp read_records(file, at) do
    with {:ok, list, next} when is_list(list) <- record_at(file, at),
         {:ok, effects} <- known(list, file.type) do
      Enum.each(effects, file.redo)
      read_records(file, next)
    else
      _ -> if whole_behind?(file, at + 1), do: damaged(file, at), else: {:ok, at, file.size - at}
    end
  end

  defp record_at(file, at) do
    with {:ok, <<@mark, size::64, checksum::32>>} <- :file.pread(file.fd, at, @head),
         true <- at + @head + size <= file.size,
         {:ok, body} <- :file.pread(file.fd, at + @head, size),
         true <- checksum(size, body) == checksum do
      {:ok, :erlang.binary_to_term(body, [:safe]), at + @head + size}
    else
      _ -> :none
    end
  rescue
    ArgumentError -> :none
  end

  defp whole_behind?(file, at) when at >= file.size, do: false

  defp whole_behind?(file, at) do
    {:ok, window} = :file.pread(file.fd, at, @window)

    if Enum.any?(:binary.matches(window, @mark), &whole?(file, at + elem(&1, 0))),
      do: true,
      else: whole_behind?(file, at + max(byte_size(window) - byte_size(@mark) + 1, 1))
  end

  defp whole?(file, at), do: record_at(file, at) != :none

  # A file may come from anywhere.
  defp known(list, type) do
    if all?(list, &known?(&1, type)), do: {:ok, Enum.map(list, &effect/1)}, else: :none
  end

  defp known?({"clear"}, _type), do: true
  defp known?({"put", rows}, type), do: all?(rows, &row?(&1, type))
  defp known?({"delete", key}, type), do: key?(key) and Order.place?(type, key)
  defp known?({"discard", row}, type), do: row?(row, type)
  defp known?(_, _type), do: false

  defp effect({"clear"}), do: :clear
  defp effect({"put", rows}), do: {:put, rows}
  defp effect({"delete", key}), do: {:delete, key}
  defp effect({"discard", row}), do: {:discard, row}

  defp row?({key, value, given}, type),
    do: key?(key) and Order.place?(type, key) and value?(value) and given?(given)

  defp row?(_, _type), do: false

  defp key?(list) when is_list(list), do: all?(list, &key?/1)
  defp key?({rank, form}) when is_integer(rank), do: key?(form)
  defp key?(key), do: is_number(key) or is_binary(key) or is_nil(key)

  defp value?([_ | _] = packed), do: all?(packed, &is_binary/1)
  defp value?(value), do: is_number(value) or is_binary(value) or value in [nil, true, false]

  defp all?(list, fun),
    do: is_list(list) and not List.improper?(list) and Enum.all?(list, fun)

  defp given?([]), do: true
  defp given?(given), do: is_list(given) and value?(given)

  defp damaged(file, at) do
    refused(
      "ValueError",
      file.path,
      "is damaged at byte #{at} of #{file.size}, and whole behind that: something else wrote to it, " <>
        "or its disk fails. What is before: truncate -s #{at} #{file.path}"
    )
  end

  defp refused(type, path, text), do: {:refused, type, "#{path} #{text}"}
end

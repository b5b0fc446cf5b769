defmodule Rebeam.CLI.Handover.UserReader do
  @moduledoc false
  # Standard input since OTP 26: a process that reads and decodes. What it has
  # read waits, undemanded, in the mailbox of the process `user`. Demanding it
  # would give whole lines only, so it is copied from there. From OTP 28 on it
  # reads only what is demanded: then there is nothing to copy.
  #
  # The reader keeps back a character of which it has seen the first bytes only.
  # These are an argument of its loop, and so visible to a call trace.

  @loop {:prim_tty, :reader_loop, 6}
  @step_ms 5
  # Three looks that see the same: nothing is under way any more.
  @looks 3
  @answer_ms 100

  @type watch :: %{device: pid | nil, reader: pid | nil, encoding: :unicode | :latin1}

  @doc "What `taken/1` needs. Called before standard input is detached."
  @spec watch(pid | nil) :: watch
  def watch(device) do
    watch = %{
      device: device,
      reader: Process.whereis(:user_drv_reader),
      encoding: encoding(device)
    }

    if watch.reader, do: trace(watch)
    watch
  end

  @doc "All that was read. Called when no more can come."
  @spec taken(watch) :: binary
  def taken(%{device: nil}), do: <<>>

  def taken(watch) do
    text = settle(watch, nil, @looks)
    # A device that met a byte which is not UTF-8 goes on in Latin-1.
    to_bytes(text, encoding(watch.device)) <> kept_back(<<>>)
  end

  defp encoding(nil), do: :latin1
  defp encoding(device), do: :io.getopts(device)[:encoding]

  # Told what it knows already, the reader goes round its loop once.
  defp trace(%{reader: reader, encoding: encoding}) do
    {module, _, _} = @loop

    if Code.ensure_loaded?(module) and :erlang.trace_pattern(@loop, true, []) == 1 do
      :erlang.trace(reader, true, [:call])
      send(reader, {:set_unicode_state, encoding == :unicode})

      # Put back: the last of them counts.
      receive do
        {:trace, ^reader, :call, _} = seen -> send(self(), seen)
      after
        @answer_ms -> :ok
      end
    end
  end

  defp kept_back(bytes) do
    receive do
      {:trace, _, :call, {_, _, [_, _, _, _, _, bytes]}} when is_binary(bytes) -> kept_back(bytes)
    after
      0 -> bytes
    end
  end

  defp settle(_watch, text, 0), do: text

  defp settle(watch, text, looks) do
    Process.sleep(@step_ms)
    # Its answer comes after all that the driver has passed on to it.
    encoding(watch.device)

    case {waiting(watch.device), idle?(watch.reader)} do
      {^text, true} -> settle(watch, text, looks - 1)
      {seen, _} -> settle(watch, seen, @looks)
    end
  end

  defp waiting(device) do
    driver = Process.whereis(:user_drv)
    {:messages, messages} = Process.info(device, :messages)
    for {^driver, {:data, text}} <- messages, into: <<>>, do: IO.iodata_to_binary(text)
  end

  defp idle?(nil), do: true

  defp idle?(reader) do
    Process.info(reader, [:status, :message_queue_len]) in [
      nil,
      [status: :waiting, message_queue_len: 0]
    ]
  end

  defp to_bytes(text, :unicode), do: text

  # One character a byte. What was decoded before may hold larger ones.
  defp to_bytes(text, :latin1) do
    for <<character::utf8 <- text>>, into: <<>>, do: to_byte(character)
  end

  defp to_byte(character) when character < 256, do: <<character>>
  defp to_byte(character), do: <<character::utf8>>
end

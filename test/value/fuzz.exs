# Feeds both decoders damaged messages, for so many minutes: `make fuzz MINUTES=10`, which does
# it with the sanitizers. With `seeds`, writes the messages that are damaged: test/value/seeds.
#
# Every message goes to Rebeam.Value.unpack and to a Python actor. Neither may crash, hang, or
# answer anything but a value or an error. The random seed is printed; it may be given as well.

defmodule Fuzz do
  alias Rebeam.Value
  alias Rebeam.Value.Codec

  @seeds Path.join(__DIR__, "seeds")
  @numbers Enum.to_list(0..64) ++ Enum.to_list(1_000..1_060)
  @patience 60_000
  @interesting [0, 1, 2, 7, 10, 11, 12, 25, 26, 27, 28, 29, 31, 32, 35, 36, 0x7F, 0x80, 0xFF]

  def run(arguments) do
    {:ok, _} = Application.ensure_all_started(:rebeam)
    Logger.configure(level: :none)
    script = Path.join(__DIR__, "fuzz.py")
    :ok = Rebeam.Python.Runtime.start([], [script])
    {:ok, _} = Rebeam.Program.Script.start_link("script", script)
    target()

    case arguments do
      ["seeds"] -> make()
      [minutes] -> fuzz(minutes, :rand.uniform(1_000_000_000))
      [minutes, seed] -> fuzz(minutes, String.to_integer(seed))
    end

    # What was printed goes out by other processes.
    Process.sleep(200)
    Rebeam.Native.halt(0)
  end

  defp make do
    File.mkdir_p!(@seeds)

    for number <- @numbers do
      request = {:rebeam, "make", Value.pack!(number)}

      with {:ok, payload} <- GenServer.call(target(), request, @patience) do
        [bytes | parts] = List.wrap(payload)
        sizes = for {_, part} <- parts, do: byte_size(part)

        if byte_size(bytes) < 4_000,
          do:
            File.write!(
              Path.join(@seeds, "#{number}.bin"),
              :erlang.term_to_binary({bytes, sizes})
            )
      end
    end
  end

  defp fuzz(minutes, seed) do
    IO.puts("seed #{seed}")
    :rand.seed(:exsss, seed)
    seeds = for path <- Path.wildcard(Path.join(@seeds, "*.bin")), do: load(path)
    true = length(seeds) > 50
    stop = System.monotonic_time(:millisecond) + round(parse(minutes) * 60_000)
    {total, whole, alike} = loop(List.to_tuple(seeds), stop, {0, 0, 0})
    IO.puts("#{total} messages, #{whole} could be read in Elixir, #{alike} in Python")
  end

  defp parse(minutes), do: minutes |> Float.parse() |> elem(0)

  defp load(path) do
    {bytes, sizes} = path |> File.read!() |> :erlang.binary_to_term([:safe])
    {bytes, for(size <- sizes, do: :binary.copy("x", size))}
  end

  defp loop(seeds, stop, counts) do
    if System.monotonic_time(:millisecond) > stop do
      counts
    else
      loop(seeds, stop, one(seeds, counts))
    end
  end

  defp one(seeds, {total, whole, alike}) do
    {bytes, parts} = pick(seeds)
    payload = payload(damage(bytes, seeds, :rand.uniform(4)), parts)
    {total + 1, whole + elixir(payload), alike + python(payload)}
  end

  defp payload(bytes, parts) do
    case :rand.uniform(10) do
      1 -> bytes
      2 -> [bytes | Enum.drop(parts, 1)]
      3 -> [bytes, "a part", {make_ref(), "another"} | parts]
      _ when parts == [] -> bytes
      _ -> [bytes | parts]
    end
  end

  defp elixir(payload) do
    case Value.unpack(payload) do
      {:ok, term} ->
        {status, _} = Codec.payload(term)
        true = status in [:ok, :error]
        1

      {:error, text} ->
        true = String.valid?(text)
        0
    end
  end

  defp python(payload) do
    {status, answer} = GenServer.call(target(), {:rebeam, "take", payload}, @patience)
    {:ok, value} = Value.unpack(answer)

    answered?(status, value) || raise "answered #{inspect({status, value})}"
    if value == true, do: 1, else: 0
  catch
    # The decoder may have been told to make an exception that ends the actor.
    :exit, {reason, {GenServer, :call, _}} when reason not in [:timeout] -> 0
  end

  # A text with lone surrogates is an object to Elixir.
  defp answered?(:ok, value), do: is_boolean(value)
  defp answered?(_, %Rebeam.Object{type: "builtins.str"}), do: true
  defp answered?(status, text), do: status in [:error, :down] and is_binary(text)

  # A name that is free for the moment, while the actor is restarted.
  defp target(tries \\ 2_000) do
    case Rebeam.whereis("target") do
      nil when tries > 0 -> Process.sleep(5) && target(tries - 1)
      pid when is_pid(pid) -> pid
    end
  end

  # ---- damage ---------------------------------------------------------------------------

  defp pick(seeds), do: elem(seeds, :rand.uniform(tuple_size(seeds)) - 1)

  defp damage(bytes, _seeds, 0), do: bytes
  defp damage("", seeds, n), do: damage(<<2>>, seeds, n)

  defp damage(bytes, seeds, times) do
    size = byte_size(bytes)
    at = if :rand.uniform(20) == 1, do: 0, else: :rand.uniform(size) - 1
    <<before::binary-size(at), byte, rest::binary>> = bytes

    damaged =
      case :rand.uniform(7) do
        1 ->
          <<before::binary, Enum.random(@interesting), rest::binary>>

        2 ->
          <<before::binary, :rand.uniform(256) - 1, rest::binary>>

        3 ->
          <<before::binary, rest::binary>>

        4 ->
          <<before::binary, Enum.random(@interesting), byte, rest::binary>>

        5 ->
          <<before::binary, Bitwise.bxor(byte, Bitwise.bsl(1, :rand.uniform(8) - 1)),
            rest::binary>>

        6 ->
          before <> piece(pick(seeds)) <> <<byte, rest::binary>>

        7 ->
          before <> piece({bytes, []}) <> rest
      end

    damage(damaged, seeds, times - 1)
  end

  defp piece({bytes, _}) do
    size = min(:rand.uniform(40), byte_size(bytes))
    binary_part(bytes, :rand.uniform(byte_size(bytes) - size + 1) - 1, size)
  end
end

Fuzz.run(System.argv())

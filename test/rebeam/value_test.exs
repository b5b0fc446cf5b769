defmodule Rebeam.ValueTest do
  use ExUnit.Case, async: true

  alias Rebeam.{Bytes, Object, Value}

  doctest Rebeam.Value
  doctest Rebeam.Bytes
  doctest Rebeam.Object

  @terms String.to_integer(System.get_env("REBEAM_VALUES", "1000"))

  defp again(term) do
    {:ok, packed} = Value.pack(term)
    Value.unpack(packed)
  end

  describe "terms come back as they were:" do
    test "one of each kind" do
      for term <- [
            nil,
            true,
            false,
            :ok,
            :été,
            :日本,
            :"",
            0,
            -1,
            2 ** 62,
            2 ** 63 - 1,
            2 ** 63,
            -(2 ** 63),
            -(2 ** 63) - 1,
            2 ** 64,
            -(7 ** 5000),
            0.0,
            -0.0,
            1.0e300,
            5.0e-324,
            "",
            "é日本\0",
            <<1::3>>,
            [],
            [1 | 2],
            [[1 | 2], ~c"text"],
            {},
            {1, {2, {}}},
            %{},
            %{[1] => %{}, %{} => [], {[], "a"} => {1}},
            %{1 => :integer, 1.0 => :float},
            MapSet.new(),
            MapSet.new([1, "a", [1], %{}, MapSet.new([2])]),
            self(),
            make_ref(),
            hd(Port.list()),
            &length/1,
            fn -> self() end,
            ~D[2024-02-29],
            ~T[23:59:59.999999],
            ~N[0001-01-01 00:00:00],
            ~U[9999-12-31 23:59:59Z],
            ~U[2024-01-01 00:00:00.000001Z],
            1..5//2,
            %URI{host: "example.org"},
            %Bytes{data: "text"},
            %Bytes{data: <<255>>}
          ] do
        assert {term, again(term)} === {term, {:ok, term}}
      end
    end

    test "what has a sign but equals zero" do
      {:ok, zero} = again(-0.0)
      assert <<zero::float>> == <<-0.0::float>>
    end

    test "random terms" do
      seed = :rand.uniform(1_000_000_000)
      :rand.seed(:exsss, seed)

      for number <- 1..@terms do
        term = random_term(3)
        assert {seed, number, again(term)} === {seed, number, {:ok, term}}
      end
    end

    test "more than a scheduler converts by itself" do
      term = {Enum.to_list(1..100_000), String.duplicate("é", 1_000_000), <<255>>}

      assert again(term) ==
               {:ok, {elem(term, 0), elem(term, 1), %Bytes{data: <<255>>}}}
    end

    test "deep nesting, up to the limit" do
      nest = fn depth -> Enum.reduce(1..(depth - 1), [], fn _, term -> [term] end) end
      assert again(nest.(10_000)) == {:ok, nest.(10_000)}

      for depth <- [10_001, 50_000, 1_000_000] do
        assert Value.pack(nest.(depth)) ==
                 {:error, "the value is nested more than 10000 levels deep"}
      end
    end
  end

  describe "terms that look different to Python" do
    test "a binary that is not UTF-8 is bytes" do
      for bytes <- [<<255>>, <<0xED, 0xA0, 0x80>>, <<0xC0, 0x80>>, <<0xF4, 0x90, 0x80, 0x80>>] do
        assert again(bytes) == {:ok, %Bytes{data: bytes}}
      end
    end

    test "microseconds have six digits, or none" do
      assert again(~T[10:00:00.12]) == {:ok, ~T[10:00:00.120000]}
      assert again(~T[10:00:00.000]) == {:ok, ~T[10:00:00]}
    end

    test "years and calendars that Python lacks stay structs" do
      for date <- [~D[-0001-01-01], ~D[0000-01-01], %{~D[2000-01-01] | calendar: Other}] do
        assert again(date) == {:ok, date}
      end
    end

    test "zones keep their names and offsets" do
      berlin = %{
        ~U[2024-07-01 12:00:00Z]
        | time_zone: "Europe/Berlin",
          zone_abbr: "CEST",
          utc_offset: 3600,
          std_offset: 3600
      }

      assert again(berlin) == {:ok, berlin}
    end
  end

  describe "unpacking" do
    test "refuses what is malformed" do
      {:ok, packed} = Value.pack(%{"a" => [1, 2.5, {"b", self()}], b: 2 ** 70})

      for size <- 0..(byte_size(packed) - 1) do
        assert {:error, _} = Value.unpack(binary_part(packed, 0, size))
      end

      assert Value.unpack(packed <> <<0>>) == {:error, "malformed packed value"}
    end

    test "a pid with the request that it came with is that pid" do
      pid = self()
      request = :erlang.term_to_binary({pid, [:alias | make_ref()]})
      external = :erlang.term_to_binary(pid)
      node = <<30, byte_size(external), external::binary, byte_size(request), request::binary>>
      assert Value.unpack(<<2>> <> node) == {:ok, pid}
      assert Value.unpack(<<2, 11, 2, 27>> <> node <> <<29, 0>>) == {:ok, {pid, pid}}

      for size <- 0..(byte_size(node) - 1) do
        assert {:error, _} = Value.unpack(<<2>> <> binary_part(node, 0, size))
      end
    end

    test "survives any change of the bytes, and what it gives can be packed again" do
      seed = :rand.uniform(1_000_000_000)
      :rand.seed(:exsss, seed)

      for _ <- 1..@terms do
        {:ok, packed} = Value.pack(random_term(3))

        with {:ok, term} <- Value.unpack(mutated(packed)) do
          assert {^seed, {:ok, _}} = {seed, again(term)}
        end
      end
    end

    test "makes no atoms" do
      # tag 23 is an atom
      before = :erlang.system_info(:atom_count)

      for number <- 1..10_000 do
        text = "never_seen_#{number}_#{System.unique_integer([:positive])}"

        assert {:error, "no atom 'never_seen_" <> _} =
                 Value.unpack(<<2, 23, byte_size(text)>> <> text)
      end

      assert :erlang.system_info(:atom_count) - before < 100
    end

    test "makes no atom of the name of a node, which a message may" do
      before = :erlang.system_info(:atom_count)

      for term <- [self(), make_ref()], number <- 1..2_000 do
        node = "never_seen_#{is_pid(term)}_#{number}@127.0.0.1"
        {:ok, <<2, kind, _::binary>>} = Value.pack(term)
        foreign = elsewhere(term, node)
        packed = <<2, kind, byte_size(foreign)>> <> foreign
        assert {:error, "malformed, or of a node" <> _} = Value.unpack(packed)

        if number == 1 do
          # The name of the first is known from here on.
          assert {:ok, there} = Value.unpack_message(packed)
          assert {:ok, ^there} = Value.unpack(packed)
          assert Atom.to_string(node(there)) == node
        end
      end

      assert :erlang.system_info(:atom_count) - before < 100
    end

    test "refuses recursion and repetition without bound" do
      # a list numbered 0 that contains number 0
      assert {:error, "the value contains itself" <> _} = Value.unpack(<<2, 27, 10, 1, 29, 0>>)

      # 100 lists, each the one before it twice: [[0, 0], [BACK 0, BACK 0], ...]
      doubled =
        for number <- 0..98, into: <<27, 10, 1, 0>>, do: <<27, 10, 2, 29, number, 29, number>>

      assert {:error, "the value shares too many" <> _} = Value.unpack(<<2, 10, 100>> <> doubled)
    end
  end

  describe "structs for Python's values" do
    test "show what they hold" do
      assert inspect(%Bytes{data: "ab"}) == ~s(#Rebeam.Bytes<"ab">)
      assert inspect(%Object{type: "a.B", data: ""}) == "#Rebeam.Object<a.B>"

      decimal = %Object{type: "decimal.Decimal", text: "1.5", data: ""}
      assert inspect(decimal) == "#Rebeam.Object<decimal.Decimal 1.5>"
      assert to_string(decimal) == "1.5"
    end

    test "a NaN is an object, and stays one" do
      {:ok, nan} = Value.unpack(<<2, 5, 0x7F, 0xF8, 0::48>>)
      assert %Object{type: "builtins.float", text: "nan"} = nan
      assert again([nan, nan]) == {:ok, [nan, nan]}
    end
  end

  # The external format of a pid or reference with the name of another node. Before the name
  # there is its length, in two bytes or in one.
  defp elsewhere(term, node) do
    [head, tail] = term |> :erlang.term_to_binary() |> :binary.split(Atom.to_string(node()))
    kept = byte_size(head) - if(:binary.at(head, byte_size(head) - 2) == 119, do: 2, else: 3)
    binary_part(head, 0, kept) <> <<119, byte_size(node)>> <> node <> tail
  end

  # Whatever equals itself after a round trip; sets and maps with any keys.
  defp random_term(depth) do
    kind = if depth == 0, do: :rand.uniform(9), else: :rand.uniform(15)

    case kind do
      1 -> :rand.uniform(200) - 100
      2 -> (:rand.uniform(2) * 2 - 3) * 2 ** :rand.uniform(200)
      3 -> :rand.normal() * 10.0 ** (:rand.uniform(200) - 100)
      4 -> Enum.random([nil, true, false, :ok, :error, :été, :日本])
      5 -> random_text()
      6 -> %Bytes{data: :rand.bytes(:rand.uniform(100))}
      7 -> Enum.random([self(), make_ref(), &length/1, <<1::3>>, [1 | 2]])
      8 -> Enum.random([~D[2024-02-29], ~T[10:00:00.000001], ~N[2024-01-01 00:00:00]])
      9 -> DateTime.add(~U[2024-01-01 00:00:00.000001Z], :rand.uniform(1_000_000_000))
      n when n in 10..11 -> random_list(depth - 1)
      12 -> List.to_tuple(random_list(depth - 1))
      13 -> MapSet.new(random_list(depth - 1))
      _ -> Map.new(random_list(depth - 1), &{&1, random_term(depth - 1)})
    end
  end

  defp random_list(depth) do
    for _ <- 1..Enum.random([1, 1, 2, 5, 40])//1, :rand.uniform(10) > 1, do: random_term(depth)
  end

  defp random_text do
    for _ <- 1..Enum.random([1, 5, 80]), into: "" do
      <<Enum.random([?a, ?z, 0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF])::utf8>>
    end
  end

  defp mutated(packed) do
    at = :rand.uniform(byte_size(packed)) - 1
    before = binary_part(packed, 0, at)
    <<byte, rest::binary>> = binary_part(packed, at, byte_size(packed) - at)

    case :rand.uniform(4) do
      1 -> <<before::binary, Enum.random(0..30), rest::binary>>
      2 -> <<before::binary, :rand.uniform(256) - 1, rest::binary>>
      3 -> <<before::binary, rest::binary>>
      4 -> <<before::binary, byte, Enum.random([0, 1, 10, 27, 29, 255]), rest::binary>>
    end
  end
end

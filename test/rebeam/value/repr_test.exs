defmodule Rebeam.Value.ReprTest do
  use ExUnit.Case, async: true

  alias Rebeam.{Bytes, Program, Value}
  alias Rebeam.Value.Repr

  # Each as Python writes it, which reads them from a file and writes them again.
  @terms [
    [nil, true, false, 0, -5, 2 ** 200, "", "it's", ~s("quoted" and 'quoted'), ~s(a "b")],
    ["\t\n\r\\\u0000\u007F\u0085\u00A0\u00E9\u200B\u2028\u{1F600}\u{E0001}", "日本語"],
    [0.0, -0.0, 1.0, -1.5, 1.0e15, 1.0e16, 9_999_999_999_999_998.0, 1.5e-5, 0.00012, 1.0e22],
    [5.0e-324, 1.7976931348623157e308, 0.1, 123_456.789, 1.0e-4, 9.9e-5, 1.0e100],
    [{}, {1}, {1, "two"}, [], [[]], %{}, %{1 => nil, "k" => [1.5, {true}]}, MapSet.new([7])],
    [MapSet.new(), %Bytes{data: ""}, %Bytes{data: <<0, 255, ?\n>> <> "ab'\\"}, <<255>>],
    [~D[2020-01-02], ~T[03:04:05], ~T[03:04:00], ~N[2020-01-02 03:04:05.000006]],
    [~U[2020-01-02 03:04:00Z]]
  ]

  @tag :slow
  test "as Python writes them" do
    path = Path.join(Program.folder(), "terms.packed")
    File.write!(path, Value.pack!(@terms))

    program = """
    import sys
    from rebeam._native import unpack
    for line in unpack(open(sys.argv[1], "rb").read()):
        for value in line:
            print(repr(value))
    """

    expected = Program.lines!(program, args: [path])
    assert Enum.map(Enum.concat(@terms), &Repr.repr/1) == expected
  end

  test "what is long is cut, at every depth" do
    assert Repr.repr(String.duplicate("x", 900), 10) == "'xxxxxxxxxx...'"
    assert Repr.repr(Enum.to_list(1..1_000_000), 20) == "[1, 2, 3, 4, 5, 6, ...]"
    assert String.length(Repr.repr(Enum.reduce(1..10_000, [], fn _, list -> [list] end))) < 1200
    assert Repr.repr(2 ** 100_000) == "<int of 12501 bytes>"
    assert String.length(Repr.repr(%Bytes{data: :binary.copy(<<0>>, 1_000_000)})) < 2100
  end

  test "what Python alone can look into has its type" do
    assert Repr.repr(%Rebeam.Object{type: "shop.Order", data: ""}) == "<shop.Order object>"
    assert Repr.repr(%Rebeam.Object{type: "float", text: "nan", data: ""}) == "nan"
    assert Repr.repr(:logger) == "Atom('logger')"
    assert Repr.repr([1 | 2]) == "<[1 | 2]>"
    assert Repr.repr(self()) == List.to_string(:erlang.pid_to_list(self()))

    buffer = %Rebeam.Buffer{dtype: "float64", shape: {2, 3}, data: <<0::384>>}
    assert Repr.repr(buffer) == "<numpy.ndarray float64 2x3>"
  end
end

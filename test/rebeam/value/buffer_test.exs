defmodule Rebeam.Value.BufferTest do
  # Memory and objects as Elixir sees them.
  use ExUnit.Case, async: true

  alias Rebeam.{Buffer, Bytes, Environment, InElixir, Object, Packed, Program, Value}
  alias Rebeam.Value.Codec

  doctest Buffer

  @large 1_000_000

  defp again(term) do
    {:ok, payload} = Codec.payload(term)
    Value.unpack(payload)
  end

  describe "large binaries" do
    test "are beside the bytes, as they are" do
      binary = :rand.bytes(@large)
      text = String.duplicate("é", @large)
      term = [%Bytes{data: binary}, text, %{"k" => %Bytes{data: binary}}, "small"]
      assert {:ok, [bytes, ^binary, ^text, ^binary]} = Codec.payload(term)
      assert byte_size(bytes) < 100
      assert Value.unpack([bytes, binary, text, binary]) == {:ok, term}
      assert {:ok, flat} = Value.pack(term)
      assert byte_size(flat) > 4 * @large
      assert Value.unpack(flat) == {:ok, term}
    end

    test "are not copied" do
      binary = :rand.bytes(@large)
      {:ok, %Bytes{data: same}} = again(%Bytes{data: binary})
      assert :binary.referenced_byte_size(same) == @large
      {_, before} = :erlang.process_info(self(), :binary)
      {:ok, terms} = again(for _ <- 1..100, do: %Bytes{data: binary})
      {_, later} = :erlang.process_info(self(), :binary)
      assert length(terms) == 100

      assert Enum.uniq(Enum.map(later, &elem(&1, 0)) -- Enum.map(before, &elem(&1, 0)))
             |> length() < 5
    end

    test "parts that do not fit are malformed" do
      {:ok, [bytes, part]} = Codec.payload(%Bytes{data: :rand.bytes(@large)})
      assert Value.unpack([bytes]) == {:error, "malformed packed value"}
      assert {:ok, _} = Value.unpack([bytes, part, part])
      assert Value.unpack(bytes) == {:error, "malformed packed value"}
      assert Value.unpack([bytes, :part]) == {:error, "malformed message"}
      assert Value.unpack([bytes, {make_ref(), 5}]) == {:error, "malformed message"}
      assert Value.unpack([bytes | part]) == {:error, "malformed message"}
      assert {:ok, _} = Value.unpack([bytes, {make_ref(), part}])
    end
  end

  describe "buffers" do
    test "come back as they were" do
      for type <- ["numpy.ndarray", "memoryview", "array.array"],
          {dtype, size} <- [{"float64", 8}, {"uint8", 1}, {"int32", 4}, {"bool", 1}],
          shape <- [{3}, {2, 3}, {}, {0}, {3, 0, 2}, {200_000}],
          type != "array.array" or tuple_size(shape) == 1,
          order <- [:row, :column],
          type == "numpy.ndarray" or order == :row do
        count = shape |> Tuple.to_list() |> Enum.product()

        buffer = %Buffer{
          type: type,
          dtype: dtype,
          shape: shape,
          order: order,
          data: :rand.bytes(count * size)
        }

        assert again(buffer) == {:ok, buffer}
        assert again([buffer, %{"a" => buffer}]) == {:ok, [buffer, %{"a" => buffer}]}
      end
    end

    test "of kinds without a name of ours" do
      for {dtype, size} <- [{">f8", 8}, {"<M8[ns]", 8}, {"<U5", 20}, {"complex128", 16}] do
        buffer = %Buffer{dtype: dtype, shape: {3}, data: :rand.bytes(3 * size)}
        assert again(buffer) == {:ok, buffer}
      end
    end

    test "that are none" do
      good = %Buffer{dtype: "float64", shape: {2}, data: <<0::128>>}

      for {change, text} <- [
            {%{shape: {3}}, "the :data of a Rebeam.Buffer has 16 bytes, which is not"},
            {%{data: <<0::120>>}, "the :data of a Rebeam.Buffer has 15 bytes, which is not"},
            {%{shape: [2]}, "the :shape of a Rebeam.Buffer is a tuple of at most 64 sizes"},
            {%{shape: {-2}}, "the :shape of a Rebeam.Buffer"},
            {%{shape: {2 ** 62, 2 ** 62}}, "the :data of a Rebeam.Buffer has"},
            {%{shape: {2 ** 62, 2 ** 62, 0}, data: ""}, "the :data of a Rebeam.Buffer has"},
            {%{type: "memoryview", order: :column},
             "the :order of a Rebeam.Buffer is :column for"},
            {%{type: "array.array", shape: {2, 1}}, "the :shape of a Rebeam.Buffer of type"},
            {%{shape: {2 ** 70}}, "the :shape of a Rebeam.Buffer"},
            {%{dtype: "int32"}, "the :data of a Rebeam.Buffer has 16 bytes, which is not"},
            {%{dtype: :float64}, "the :dtype of a Rebeam.Buffer is a text"},
            {%{dtype: "f\0"}, "the :dtype of a Rebeam.Buffer is a text"},
            {%{order: nil}, "the :order of a Rebeam.Buffer is :row or :column"},
            {%{type: "list"}, "the :type of a Rebeam.Buffer is"},
            {%{data: nil}, "the :data of a Rebeam.Buffer is a binary"}
          ] do
        assert {:error, error} = Value.pack([Map.merge(good, change)])
        assert String.starts_with?(error, text)
      end

      assert_raise ArgumentError, ~r/the :order/, fn -> Value.payload!(%{good | order: 1}) end
    end

    test "show themselves" do
      buffer = %Buffer{dtype: "int8", shape: {2, 1}, data: "ab", order: :column}
      assert inspect(buffer) == "#Rebeam.Buffer<numpy.ndarray int8 {2, 1} column-major, 2 bytes>"
    end
  end

  describe "what is packed already" do
    test "goes on as it is" do
      for payload <- [Value.payload!([1]), Value.payload!(%Bytes{data: :rand.bytes(@large)})] do
        assert again({1, %Packed{payload: payload}}) == {:ok, {1, %Packed{payload: payload}}}
      end
    end

    test "is not looked into" do
      for data <- ["", "x", [], ["x", :part], 5, <<2>>] do
        assert {:error, "the data of a Rebeam.Object" <> _} =
                 Value.pack(%Object{type: "a.B", data: data}) |> refused()
      end
    end
  end

  # A payload that is one, but of no message, is found out when it is read.
  defp refused({:ok, packed}) do
    assert {:error, "malformed packed value"} = Value.unpack(packed)
    {:error, "the data of a Rebeam.Object"}
  end

  defp refused(error), do: error

  @python "value/buffer/buffer_actors.py"

  @tag :slow
  test "objects of one message, each by itself" do
    lines =
      InElixir.lines!(@python, """
      wait_until(fn -> Rebeam.whereis("echo") end)
      {:ok, objects} = Rebeam.call("echo", "objects", nil)
      show.(objects["all"])
      show.(is_list(objects["big"].data))
      show.(Rebeam.call("echo", "check", objects))
      show.(Rebeam.call("echo", "check", :erlang.binary_to_term(:erlang.term_to_binary(objects))))
      """)

    assert lines == [
             "[#Rebeam.Object<__main__.Order>, #Rebeam.Object<__main__.Order>, [1]]",
             "true",
             ~s({:ok, "well"}),
             ~s({:ok, "well"})
           ]
  end

  @tag :slow
  test "memory of Python in Elixir" do
    lines =
      InElixir.lines!(@python, """
      wait_until(fn -> Rebeam.whereis("echo") end)
      {:ok, [view, array, bytes, _, _, _] = all} = Rebeam.call("echo", "memory", nil)
      for each <- all, do: IO.puts(String.slice(inspect(each), 0, 70))
      IO.puts(view.data == String.duplicate("ab", 100_000))
      IO.puts(array.data == <<1.5::float-native>>)
      IO.puts(bytes.data == String.duplicate("x", 200_000))
      show.(Rebeam.call("echo", "kinds", all))
      show.(Rebeam.call("echo", "same", [view, array, bytes]) == {:ok, [view, array, bytes]})
      show.(Rebeam.call("echo", "mixed", nil))
      view = %Rebeam.Buffer{type: "memoryview", dtype: "int16", shape: {2, 1}, data: <<1::16-native, 2::16-native>>}
      show.(Rebeam.call("echo", "read-only", view))
      """)

    assert lines == [
             "#Rebeam.Buffer<memoryview uint8 {200000}, 200000 bytes>",
             "#Rebeam.Buffer<array.array float64 {1}, 8 bytes>",
             ~s(#Rebeam.Bytes<") <> String.duplicate("x", 55),
             "#Rebeam.Object<builtins.bytearray>",
             "#Rebeam.Object<type __main__.Order>",
             "#Rebeam.Object<function builtins.len>",
             "true",
             "true",
             "true",
             ~s({:ok, ["memoryview", "array", "bytes", "bytearray", "type", "builtin_function_or_method"]}),
             "true",
             "{:ok, [#Rebeam.Object<datetime.datetime 2024-01-01 00:00:00+00:00:00.000001>, " <>
               "~N[2024-01-01 00:00:00], " <>
               "#Rebeam.Object<datetime.time 01:00:00+00:00:00.000001>, ~T[01:00:00]]}",
             ~s({:ok, {true, "h", {2, 1}, [[1], [2]]}})
           ]
  end

  @tag :slow
  test "what Elixir still has of Python's memory stays, and goes with the last part of it" do
    lines =
      InElixir.lines!(@python, """
      wait_until(fn -> Rebeam.whereis("echo") end)
      shared = fn -> Rebeam.info().shared end
      collect = fn -> Enum.each(Process.list(), &:erlang.garbage_collect/1) end
      Task.await(Task.async(fn ->
        {:ok, [view | _]} = Rebeam.call("echo", "memory", nil)
        part = binary_part(view.data, 10, 1_000)
        wait_until(fn -> collect.(); shared.() <= 1 end)
        Process.sleep(100)
        show.({shared.(), binary_part(part, 0, 4)})
      end), :infinity)
      wait_until(fn -> collect.(); shared.() == 0 end)
      """)

    assert lines == [~s({1, "abab"})]
  end

  @arrays """
  import numpy
  from rebeam import *
  class Echo(GenPy):
      name = "echo"
      @receive("array")
      def array(self, message):
          made = numpy.arange(message, dtype="float32").reshape(2, -1)
          return [made, made.T, made[:, ::2], numpy.array(["2024-01-01"], "M8[D]"), made[0, 1]]
      @receive("sum")
      def sum(self, message):
          return float(message.sum(dtype="f8")), str(message.dtype), message.shape, message.flags.writeable
      @receive("write")
      def write(self, message):
          message[0] = 1
  Supervisor(modules=[Echo])
  """

  test "numpy's arrays" do
    code = """
    :ok = Rebeam.Python.Runtime.start([python: System.fetch_env!("PYTHON_UNDER_TEST")], ["main.py"])
    {:ok, script} = Rebeam.Program.Script.start_link("script", "main.py")
    wait_until(fn -> Rebeam.whereis("echo") end)
    {:ok, [made, turned, gaps, _, _] = all} = Rebeam.call("echo", "array", 200_000)
    for each <- all, do: IO.inspect(each)
    IO.inspect(made.data == turned.data)
    <<_::binary-size(8), two::float-32-native, _::binary>> = made.data
    <<_::binary-size(4), also::float-32-native, _::binary>> = gaps.data
    IO.inspect({two, also})
    IO.inspect(Rebeam.call("echo", "sum", made))
    IO.inspect(Rebeam.call("echo", "sum", turned))
    mine = %Rebeam.Buffer{dtype: "int64", shape: {2}, data: <<3::64-native, 4::64-native>>}
    IO.inspect(Rebeam.call("echo", "sum", mine))
    {:down, reason} = Rebeam.call("echo", "write", mine)
    IO.puts(reason)
    """

    folder = Program.folder(%{"main.py" => @arrays})
    env = [{"PYTHON_UNDER_TEST", Environment.python()}]
    result = Program.elixir(code, cd: folder, env: env)
    assert result.status == 0, result.out <> result.err

    assert """
           #Rebeam.Buffer<numpy.ndarray float32 {2, 100000}, 800000 bytes>
           #Rebeam.Buffer<numpy.ndarray float32 {100000, 2} column-major, 800000 bytes>
           #Rebeam.Buffer<numpy.ndarray float32 {2, 50000}, 400000 bytes>
           #Rebeam.Buffer<numpy.ndarray <M8[D] {1}, 8 bytes>
           #Rebeam.Object<numpy.float32>
           true
           {2.0, 2.0}
           {:ok, {19999900000.0, "float32", {2, 100000}, false}}
           {:ok, {19999900000.0, "float32", {100000, 2}, false}}
           {:ok, {7.0, "int64", {2}, false}}
           """ <> reason = result.out

    assert reason =~ "ValueError: assignment destination is read-only"
    assert reason =~ "change a copy of it, .copy() of an array"
  end
end

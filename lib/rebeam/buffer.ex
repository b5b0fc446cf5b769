defmodule Rebeam.Buffer do
  @moduledoc """
  Memory with a shape: a numpy array, a `memoryview` or an `array.array` of Python.

    * `:dtype` - what an item is: `"float64"`, `"int32"`, `"uint8"`, `"bool"`, `"complex64"` and so
      on, as numpy names them; what has no such name is numpy's own text (`"<M8[ns]"`, `">f8"`,
      `"<U5"`), or the format of the memoryview
    * `:shape` - the sizes as a tuple, `{}` for a single item
    * `:data` - the items as a binary, in the machine's byte order; it shares the memory with Python,
      which is kept for as long as the binary, or a part of it, is
    * `:order` - `:row` if the last index runs fastest, as in C and Nx; `:column` if the first does
      (of numpy arrays alone)
    * `:type` - what Python has or shall have: `"numpy.ndarray"`, `"memoryview"` or `"array.array"`

  Made in Elixir, it arrives in Python without a copy of the data, read-only:

      iex> %Rebeam.Buffer{dtype: "float64", shape: {2}, data: <<1.5::float-native, 2.5::float-native>>}
      #Rebeam.Buffer<numpy.ndarray float64 {2}, 16 bytes>

  For Nx: `buffer.data |> Nx.from_binary(:f64) |> Nx.reshape(buffer.shape)`, if `:order` is `:row`.
  """

  @enforce_keys [:dtype, :shape, :data]
  defstruct [:dtype, :shape, :data, order: :row, type: "numpy.ndarray"]

  @type t :: %__MODULE__{
          dtype: String.t(),
          shape: tuple(),
          data: binary(),
          order: :row | :column,
          type: String.t()
        }

  defimpl Inspect do
    def inspect(buffer, _opts) do
      order = if buffer.order == :column, do: " column-major", else: ""
      shape = Kernel.inspect(buffer.shape)
      size = byte_size(buffer.data)
      "#Rebeam.Buffer<#{buffer.type} #{buffer.dtype} #{shape}#{order}, #{size} bytes>"
    end
  end
end

defmodule Rebeam.Packed do
  @moduledoc false
  # A message that Python packed, as an argument or a result of an operation. Its payload goes
  # on as it is: see Rebeam.Value.Codec.payload/1.

  @enforce_keys [:payload]
  defstruct [:payload]

  @type t :: %__MODULE__{payload: Rebeam.Value.Codec.payload()}
end

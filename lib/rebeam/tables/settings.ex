defmodule Rebeam.Tables.Settings do
  @moduledoc false
  # What a table is opened with.

  alias Rebeam.Names
  alias Rebeam.Tables.{Rows, Writer}

  @typedoc "`durability` and `file` are for a writer, see there."
  @type t :: %{
          type: Rows.type(),
          public?: boolean,
          heir: Names.target() | nil,
          file: Path.t() | nil,
          durability: Writer.durability(),
          read_concurrency: boolean
        }

  @doc "What is wrong with the name or the settings of a table; nil if nothing is."
  @spec wrong(String.t(), t) :: String.t() | nil
  def wrong(name, settings) do
    cond do
      name == "" or not String.valid?(name) ->
        "a table's name is a text, not #{inspect(name)}"

      settings.type not in [:set, :ordered_set, :bag] ->
        no("type", settings.type)

      not is_boolean(settings.public?) ->
        no("public", settings.public?)

      not is_boolean(settings.read_concurrency) ->
        no("read_concurrency", settings.read_concurrency)

      settings.durability not in [:interval, :always] ->
        no("durability", settings.durability)

      not path?(settings.file) ->
        no("file", settings.file)

      not heir?(settings.heir) ->
        no("heir", settings.heir)

      settings.heir && settings.public? ->
        "an heir is for a table that is not public"

      settings.file == nil and settings.durability == :always ->
        "durability is for a table with a file"

      true ->
        nil
    end
  end

  defp heir?(heir),
    do: is_nil(heir) or is_pid(heir) or is_tuple(heir) or (is_binary(heir) and heir != "")

  defp path?(file),
    do: is_nil(file) or (is_binary(file) and file != "" and not String.contains?(file, <<0>>))

  defp no(option, value), do: "#{option} of a table cannot be #{inspect(value)}"
end

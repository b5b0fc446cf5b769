defmodule Rebeam.CLI.Top.State do
  @moduledoc false
  # What `rebeam top` shows, and what the keys do to that. Keys are those of top(1) where it has them.

  # In the order of the columns.
  @orders ~w(load rate queue messages busy memory restarts age)a

  defstruct view: :actors,
            order: :load,
            search: "",
            typed: nil,
            selected: 0,
            shown: [],
            follow: nil,
            idle?: true,
            help?: false,
            interval: 3

  @typedoc """
  `typed` is the text for a search as it is typed; `shown` are the rows on the screen, each its pid and
  what that is in the program, of which one is `selected`; `follow` the one whose stack is shown,
  instead of all.
  """
  @type t :: %__MODULE__{
          view: :actors | :classes | :tree | :waits | :crashes,
          order: atom,
          search: String.t(),
          typed: String.t() | nil,
          selected: non_neg_integer,
          shown: [{pid, String.t()}],
          follow: {pid, String.t()} | nil,
          idle?: boolean,
          help?: boolean,
          interval: pos_integer
        }

  @typedoc "A key: a character, or the name of one that has none."
  @type key :: String.t() | atom

  @named %{
    "\e[A" => :up,
    "\eOA" => :up,
    "\e[B" => :down,
    "\eOB" => :down,
    "\e[5~" => :page_up,
    "\e[6~" => :page_down,
    "\e[H" => :home,
    "\e[F" => :end,
    "\r" => :enter,
    "\n" => :enter,
    "\d" => :backspace,
    "\b" => :backspace,
    <<3>> => :quit,
    <<4>> => :quit,
    "\e" => :escape
  }

  @doc "The keys in what was typed."
  @spec keys(binary) :: [key]
  def keys(""), do: []

  def keys(bytes) do
    case Regex.run(~r/^(\e\[[0-9;]*[A-Za-z~]|\eO[A-Z])/, bytes) do
      [sequence, _] -> [@named[sequence] || :other | keys(rest(bytes, sequence))]
      nil -> bytes |> String.next_codepoint() |> plain()
    end
  end

  defp rest(bytes, first),
    do: binary_part(bytes, byte_size(first), byte_size(bytes) - byte_size(first))

  defp plain({character, rest}), do: [@named[character] || character | keys(rest)]

  @doc "What a key does; `:quit` ends it."
  @spec press(t, key) :: t | :quit
  def press(_state, :quit), do: :quit
  def press(%{typed: text} = state, key) when text != nil, do: type(state, key)
  def press(%{help?: true} = state, _key), do: %{state | help?: false}

  def press(%{follow: {_, _}} = state, key)
      when key in ["q", :escape, :enter, "f"],
      do: %{state | follow: nil}

  def press(_state, "q"), do: :quit
  def press(state, key) when key in ["h", "?"], do: %{state | help?: true}
  def press(state, "a"), do: view(state, :actors)
  def press(state, "c"), do: view(state, :classes)
  def press(state, "V"), do: view(state, :tree)
  def press(state, "w"), do: view(state, :waits)
  def press(state, "x"), do: view(state, :crashes)
  def press(state, "P"), do: order(state, :load)
  def press(state, "M"), do: order(state, :memory)
  def press(state, "T"), do: order(state, :busy)
  def press(state, ">"), do: order(state, beside(state.order, 1))
  def press(state, "<"), do: order(state, beside(state.order, -1))
  def press(state, "i"), do: top(%{state | idle?: not state.idle?})
  def press(state, key) when key in ["/", "L"], do: %{state | typed: ""}
  def press(state, key) when key in ["=", :escape], do: top(%{state | search: ""})
  def press(state, "+"), do: %{state | interval: min(state.interval * 2, 64)}
  def press(state, "-"), do: %{state | interval: max(div(state.interval, 2), 1)}
  def press(state, :down), do: select(state, state.selected + 1)
  def press(state, :up), do: select(state, state.selected - 1)
  def press(state, :page_down), do: select(state, state.selected + 10)
  def press(state, :page_up), do: select(state, state.selected - 10)
  def press(state, :home), do: select(state, 0)
  def press(state, :end), do: select(state, length(state.shown) - 1)

  def press(state, key) when key in [:enter, "f"],
    do: %{state | follow: Enum.at(state.shown, state.selected)}

  def press(state, _key), do: state

  defp type(state, :enter), do: top(%{state | search: state.typed, typed: nil, view: :actors})
  defp type(state, :escape), do: %{state | typed: nil}
  defp type(state, :backspace), do: %{state | typed: String.slice(state.typed, 0..-2//1)}

  defp type(state, key) when is_binary(key),
    do: if(String.printable?(key), do: %{state | typed: state.typed <> key}, else: state)

  defp type(state, _key), do: state

  defp view(state, view), do: top(%{state | view: view, follow: nil})
  defp order(state, order), do: top(%{state | order: order, view: :actors})
  defp top(state), do: %{state | selected: 0}

  defp select(state, row), do: %{state | selected: row |> min(length(state.shown) - 1) |> max(0)}

  defp beside(order, step) do
    place = Enum.find_index(@orders, &(&1 == order)) + step
    Enum.at(@orders, rem(place + length(@orders), length(@orders)))
  end
end

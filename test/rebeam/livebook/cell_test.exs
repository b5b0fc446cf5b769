if Rebeam.KinoSources.lack() == nil do
  Rebeam.KinoSources.load!()

  defmodule Rebeam.Livebook.CellTest do
    # The two smart cells: what they keep, and the code that they stand for.
    use ExUnit.Case, async: true

    import Kino.Test

    alias Rebeam.Livebook.{CallCell, Cell}

    setup :configure_livebook_bridge

    # As a notebook keeps them.
    defp json!(attrs) do
      assert Enum.all?(attrs, fn {key, value} -> is_binary(key) and is_binary(value) end)
      attrs
    end

    test "a new cell has an example that is a program, and a variable of its own" do
      {kino, source} = start_smart_cell!(Cell, %{})
      data = connect(kino, nil, 20_000)

      assert source =~
               ~r/\A#{data.fields["variable"]} =\n  Rebeam.Livebook.run\(\n    ~S"""\n    from rebeam/

      assert {:=, _, _} = Code.string_to_quoted!(source)
      {_other, another} = start_smart_cell!(Cell, %{})
      refute another =~ ~r/\A#{data.fields["variable"]} =/
    end

    test "what is typed is in the code" do
      {kino, _} = start_smart_cell!(Cell, %{"variable" => "shop", "source" => "x = 1"})
      set = &push_event(kino, "set", %{"field" => &1, "value" => &2})
      set.("bindings", "numbers  table, 7up numbers")
      assert_broadcast_event(kino, "set", %{field: "bindings", value: "numbers, table"}, 20_000)
      set.("results", "x")
      set.("args", "--fast 'a b'")
      set.("isolation", "process")
      set.("strategy", "rest_for_one")

      assert_smart_cell_update(kino, %{"strategy" => "rest_for_one"} = attrs, source, 20_000)

      assert source == """
             shop =
               Rebeam.Livebook.run(
                 ~S\"""
                 x = 1
                 \""",
                 name: "shop",
                 args: ["--fast", "a b"],
                 bindings: [numbers: numbers, table: table],
                 isolation: :process,
                 strategy: :rest_for_one
               )

             x = Rebeam.Livebook.value(shop, "x")\
             """

      assert Cell.to_source(json!(attrs)) == source
      # What is no choice, or no variable, changes nothing.
      set.("isolation", "elsewhere")
      assert_broadcast_event(kino, "set", %{field: "isolation", value: "process"}, 20_000)
      set.("variable", "2 shops")
      assert_broadcast_event(kino, "set", %{field: "variable", value: "shop"}, 20_000)
    end

    test "code is as it was typed, whatever is in it" do
      codes = [
        "print('a')",
        ~S(x = "\n" # #{y}),
        ~s|def f():\n    """Doc."""\n\n    return 1|,
        ~s|'''a''' + """b"""|,
        "if x:\n\ty = 'ä\\\\'\\\n\n    z",
        # Elixir refuses characters that turn the direction of text where they stand as they are.
        "größe = 'שלום \u202Ax\u202C 🐍'",
        "'''a\u2067''' + \"\"\"b\u2069\"\"\""
      ]

      for code <- codes do
        source = Cell.to_source(%{"variable" => "s", "source" => code})
        {:=, _, [_, {{:., _, _}, _, [quoted | _]}]} = Code.string_to_quoted!(source)
        {text, _} = Code.eval_quoted(quoted)
        assert text == code <> "\n"
      end

      assert Cell.to_source(%{"variable" => "s", "source" => " \n"}) == ""
    end

    test "a word of Elixir's own, or what is too long for a name, is no variable" do
      for {module, name} <- [{Cell, "shop"}, {CallCell, "reply"}],
          word <- ["nil", "end", "after", "__MODULE__", "_", "x y", String.duplicate("x", 300)] do
        {kino, _} = start_smart_cell!(module, %{"variable" => name, "source" => "x = 1"})
        push_event(kino, "set", %{"field" => "variable", "value" => word})
        assert_broadcast_event(kino, "set", %{field: "variable", value: ^name}, 20_000)
      end

      attrs = %{"variable" => "größe", "source" => "x", "bindings" => "a, end, nil"}
      source = Cell.to_source(attrs)
      assert source =~ ~r/\Agröße =\n.*bindings: \[a: a\]\n  \)\z/s
      assert {:ok, _} = Code.string_to_quoted(source)
    end

    test "variables of earlier cells are told to the page" do
      {kino, _} = start_smart_cell!(Cell, %{})
      Cell.scan_binding(kino.pid, [{:numbers, [1]}, {{:x, Kino}, 2}], __ENV__)
      assert_broadcast_event(kino, "known", ["numbers"], 20_000)
      assert connect(kino, nil, 20_000).known == ["numbers"]
    end

    test "a call" do
      {kino, ""} = start_smart_cell!(CallCell, %{"variable" => "reply"})

      for {field, value} <- [{"actor", "counter"}, {"subject", "add"}, {"message", "[1, None]"}],
          do: push_event(kino, "set", %{"field" => field, "value" => value})

      assert_smart_cell_update(kino, %{"message" => "[1, None]"} = attrs, source, 20_000)
      assert source == ~s|reply = Rebeam.call("counter", "add", Rebeam.eval!("[1, None]"))|
      assert CallCell.to_source(json!(attrs)) == source
      turned = CallCell.to_source(%{attrs | "message" => "'\u202Ex'"})
      assert {:=, _, [_, {_, _, [_, _, {_, _, [text]}]}]} = Code.string_to_quoted!(turned)
      assert text == "'\u202Ex'"
      without = %{attrs | "message" => ""}
      assert CallCell.to_source(without) == ~s|reply = Rebeam.call("counter", "add", nil)|
    end
  end
end

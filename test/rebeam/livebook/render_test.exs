if Rebeam.KinoSources.lack() == nil do
  Rebeam.KinoSources.load!()

  defmodule Rebeam.Livebook.RenderTest do
    # How Python objects look in a notebook.
    use ExUnit.Case, async: true

    import Kino.Test

    setup :configure_livebook_bridge

    # Its class is there for as long as the session is.
    defp shown(code) do
      {:ok, session} = Rebeam.Session.start_link()
      code |> Rebeam.eval!([], session: session) |> Kino.Render.to_livebook()
    end

    defp offering(method, value),
      do: shown("class Shown:\n  def #{method}(self): return #{value}\nShown()")

    test "by what the object offers" do
      assert %{type: :markdown, text: "*m*"} = offering("_repr_markdown_", "'*m*'")
      assert %{type: :markdown, text: "$$\nx^2\n$$"} = offering("_repr_latex_", "'$x^2$'")

      assert %{type: :image, mime_type: "image/png", content: "png"} =
               offering("_repr_png_", "b'png'")

      assert %{type: :image, mime_type: "image/svg+xml"} = offering("_repr_svg_", "'<svg/>'")
      assert %{type: :js} = offering("_repr_html_", "'<b>h</b>'")
    end

    test "by its text, also if what it offers fails" do
      assert %{type: :terminal_text, text: "Decimal('1.50')"} =
               shown("import decimal\ndecimal.Decimal('1.50')")

      assert %{type: :terminal_text, text: "<" <> _} = offering("_repr_html_", "1 / 0")
      # Its address would tell nobody anything.
      assert %{type: :terminal_text, text: text} = shown("memoryview(b'abc')")
      assert text =~ "uint8 {3}"
      refute text =~ "0x"
    end

    test "a data frame is a table" do
      code = """
      class Frame:
          columns, shape, dtypes = ["a", "b"], (3, 2), [int, str]
          def head(self, n):
              return self
          def rows(self):
              return [(1, "x"), (2, None), (3, {})]
      Frame()
      """

      assert %{type: :js, js_view: view} = shown(code)
      send(view.pid, {:connect, self(), %{ref: view.ref, origin: "test"}})
      assert_receive {:connect_reply, %{content: %{columns: columns, data: data}}, _}, 20_000

      assert Enum.map(columns, & &1.label) == ["a", "b"]
      assert data |> List.flatten() |> Enum.sort() == ["1", "2", "3", "nil", "x", "{}"]
    end

    test "a list of dicts is a table where asked for" do
      assert %{type: :js} = [%{"a" => 1}] |> Rebeam.Livebook.show() |> Kino.Render.to_livebook()
      assert Rebeam.Livebook.show([1]) == [1]
    end
  end
end

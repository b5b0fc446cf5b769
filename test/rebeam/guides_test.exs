defmodule Rebeam.GuidesTest do
  # What the guides and the README show runs, and prints what they say (CONTRIBUTING, "A guide").
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Guide, Program}

  @root Path.expand("../..", __DIR__)
  @pages [Path.join(@root, "README.md") | Path.wildcard(Path.join(@root, "priv/guides/*.md"))]

  for page <- @pages do
    @tag :slow
    @tag page: Path.basename(page, ".md")
    test "programs of #{Path.basename(page)}", do: Guide.check(unquote(page))
  end

  test "fragments are Python, and name what there is" do
    fragments =
      for page <- @pages, %{kind: "py"} = block <- Guide.blocks(page), into: %{} do
        {"#{Path.relative_to(page, @root)}:#{block.line}", block.text}
      end

    folder = Program.folder()

    for {{where, text}, n} <- Enum.with_index(fragments),
        do: File.write!("#{folder}/#{n}", [where, "\n", text])

    check = Program.path("guides/fragments.py")
    env = Environment.variables([Environment.package()])
    assert Environment.run!(Program.python().executable, [check, folder], env) == ""
  end

  test "what is shown of Elixir is Elixir" do
    for page <- @pages,
        %{kind: "elixir"} = block <- Guide.blocks(page),
        do: Code.string_to_quoted!(block.text, file: page, line: block.line)
  end

  test "the index has each guide once" do
    index = File.read!(Path.join(@root, "priv/guides/index.md"))
    linked = for [_, name] <- Regex.scan(~r/\]\(([\w-]+\.md)\)/, index), do: name
    there = for page <- tl(@pages), name = Path.basename(page), name != "index.md", do: name
    assert Enum.sort(linked) == Enum.sort(there)
  end
end

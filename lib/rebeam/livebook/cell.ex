if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.Cell do
    @moduledoc false
    # The smart cell: Python code, and what it is run with. Its code is a call of Rebeam.Livebook.run/2.
    use Kino.JS, assets_path: "lib/rebeam/livebook/cell"
    use Kino.JS.Live
    use Kino.SmartCell, name: "Python actors"

    alias Kino.SmartCell
    alias Rebeam.Livebook.Source

    @defaults %{
      "args" => "",
      "bindings" => "",
      "results" => "",
      "isolation" => "",
      "strategy" => ""
    }
    @isolations ["", "shared", "interpreter", "process"]
    @strategies ["", "one_for_one", "one_for_all", "rest_for_one"]

    @example """
    from rebeam import GenPy, Supervisor, receive


    class Counter(GenPy):
        name = "counter"
        n = 0

        @receive("add")
        def add(self, message):
            self.n += message
            print("now", self.n)
            return self.n


    Supervisor([Counter()])
    """

    @impl true
    def init(attrs, ctx) do
      name = SmartCell.prefixed_var_name("script", attrs["variable"])

      fields =
        @defaults |> Map.merge(Map.take(attrs, Map.keys(@defaults))) |> Map.put("variable", name)

      source = attrs["source"] || @example

      {:ok, assign(ctx, fields: fields, source: source, known: []),
       editor: [source: source, language: "python", placement: :bottom]}
    end

    @impl true
    def handle_connect(ctx),
      do: {:ok, %{fields: ctx.assigns.fields, known: ctx.assigns.known}, ctx}

    @impl true
    def handle_editor_change(source, ctx), do: {:ok, assign(ctx, source: source)}

    @impl true
    def handle_event("set", %{"field" => field, "value" => value}, ctx) do
      value = allowed(field, String.trim(value), ctx.assigns.fields[field])
      broadcast_event(ctx, "set", %{field: field, value: value})
      {:noreply, update(ctx, :fields, &Map.put(&1, field, value))}
    end

    defp allowed("variable", value, before),
      do: if(Source.variable?(value), do: value, else: before)

    defp allowed("isolation", value, before),
      do: if(value in @isolations, do: value, else: before)

    defp allowed("strategy", value, before), do: if(value in @strategies, do: value, else: before)

    defp allowed(field, value, _before) when field in ["bindings", "results"],
      do: value |> names() |> Enum.join(", ")

    defp allowed("args", value, _before), do: value

    @impl true
    def scan_binding(server, binding, _env) do
      send(server, {:known, for({name, _} <- binding, is_atom(name), do: Atom.to_string(name))})
    end

    @impl true
    def handle_info({:known, names}, ctx) do
      broadcast_event(ctx, "known", names)
      {:noreply, assign(ctx, known: names)}
    end

    @impl true
    def to_attrs(ctx), do: Map.put(ctx.assigns.fields, "source", ctx.assigns.source)

    @impl true
    def to_source(attrs) do
      attrs = Map.merge(@defaults, attrs)

      if String.trim(attrs["source"]) == "",
        do: "",
        else: Source.text([run(attrs) | Enum.map(names(attrs["results"]), &value(&1, attrs))])
    end

    defp run(%{"variable" => variable} = attrs) do
      code = Source.lines(String.trim_trailing(attrs["source"]) <> "\n")
      arguments = [code, [{:name, variable} | options(attrs)]]

      quote do
        unquote(Source.variable(variable)) = Rebeam.Livebook.run(unquote_splicing(arguments))
      end
    end

    defp options(attrs) do
      bindings =
        for name <- names(attrs["bindings"]), do: {String.to_atom(name), Source.variable(name)}

      options = [
        args: arguments(attrs["args"]),
        bindings: bindings,
        isolation: word(attrs["isolation"]),
        strategy: word(attrs["strategy"])
      ]

      Enum.reject(options, &(elem(&1, 1) in [nil, []]))
    end

    defp word(""), do: nil
    defp word(text), do: String.to_atom(text)

    defp value(name, attrs) do
      quote do
        unquote(Source.variable(name)) =
          Rebeam.Livebook.value(unquote(Source.variable(attrs["variable"])), unquote(name))
      end
    end

    # As a shell takes them, if it would.
    defp arguments(text) do
      OptionParser.split(text)
    rescue
      _ -> String.split(text)
    end

    # Names of variables in Elixir as well as in Python.
    defp names(text) do
      text
      |> String.split([",", " "], trim: true)
      |> Enum.filter(&(Source.variable?(&1) and not String.ends_with?(&1, ["?", "!"])))
      |> Enum.uniq()
    end
  end
end

if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.CallCell do
    @moduledoc false
    # A small smart cell: calls an actor with a message that is written in Python.
    use Kino.JS, assets_path: "lib/rebeam/livebook/call_cell"
    use Kino.JS.Live
    use Kino.SmartCell, name: "Call an actor"

    alias Kino.SmartCell
    alias Rebeam.Livebook.Source

    @defaults %{"actor" => "", "subject" => "", "message" => ""}

    @impl true
    def init(attrs, ctx) do
      name = SmartCell.prefixed_var_name("reply", attrs["variable"])

      fields =
        @defaults |> Map.merge(Map.take(attrs, Map.keys(@defaults))) |> Map.put("variable", name)

      {:ok, assign(ctx, fields: fields)}
    end

    @impl true
    def handle_connect(ctx), do: {:ok, %{fields: ctx.assigns.fields, names: names()}, ctx}

    @impl true
    def handle_event("set", %{"field" => field, "value" => value}, ctx) do
      value = allowed(field, String.trim(value), ctx.assigns.fields[field])
      broadcast_event(ctx, "set", %{field: field, value: value})
      {:noreply, update(ctx, :fields, &Map.put(&1, field, value))}
    end

    defp allowed("variable", value, before),
      do: if(Source.variable?(value), do: value, else: before)

    defp allowed(field, value, _before) when is_map_key(@defaults, field), do: value

    # There may be other actors after each evaluation.
    @impl true
    def scan_binding(server, _binding, _env), do: send(server, :names)

    @impl true
    def handle_info(:names, ctx) do
      broadcast_event(ctx, "known", names())
      {:noreply, ctx}
    end

    # Before Python runs there is none.
    defp names do
      for %{name: name} <- Rebeam.Observe.actors(:messages, 100), is_binary(name), do: name
    rescue
      _ -> []
    catch
      :exit, _ -> []
    end

    @impl true
    def to_attrs(ctx), do: ctx.assigns.fields

    @impl true
    def to_source(%{"actor" => actor, "subject" => subject})
        when actor == "" or subject == "",
        do: ""

    def to_source(attrs) do
      message =
        if attrs["message"] != "",
          do: quote(do: Rebeam.eval!(unquote(attrs["message"]))),
          else: nil

      call =
        quote do
          unquote(Source.variable(attrs["variable"])) =
            Rebeam.call(unquote(attrs["actor"]), unquote(attrs["subject"]), unquote(message))
        end

      Source.text([call])
    end
  end
end

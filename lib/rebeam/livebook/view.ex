if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.View do
    @moduledoc false
    # What is shown under a cell: what its script prints, its actors, its crashes, and a box to call them.
    # It looks every second while a script runs, and tells what has changed.
    use Kino.JS, assets_path: "lib/rebeam/livebook/view"
    use Kino.JS.Live

    alias Rebeam.Livebook.Seen

    # Of what was printed that much is kept, in characters.
    @most 100_000
    # What is printed is sent on so many milliseconds later, with what else came.
    @pause 40
    @interval 1_000

    @spec new(String.t()) :: Kino.JS.Live.t()
    def new(name), do: Kino.JS.Live.new(__MODULE__, name)

    @doc "Whose view it is."
    def owned(view, owner), do: Kino.JS.Live.cast(view, {:owned, owner})

    @doc "How the script is, and its process, nil for none."
    def status(view, status, script), do: Kino.JS.Live.cast(view, {:status, status, script})

    @impl true
    def init(name, ctx) do
      {:ok,
       assign(ctx,
         name: name,
         owner: nil,
         script: nil,
         status: "",
         began: System.system_time(:microsecond),
         text: "",
         pending: [],
         open: false,
         seen: %{trees: [], crashes: [], names: []}
       )}
    end

    @impl true
    def handle_connect(ctx) do
      {:ok, Map.take(ctx.assigns, [:name, :status, :text, :seen]), ctx}
    end

    @impl true
    def handle_cast({:owned, owner}, ctx) do
      Process.send_after(self(), :look, 0)
      {:noreply, ctx |> assign(owner: owner) |> tell("starts", nil)}
    end

    def handle_cast({:status, status, script}, ctx),
      do: {:noreply, ctx |> tell(status, script) |> look()}

    defp tell(ctx, status, script) do
      broadcast_event(ctx, "status", status)
      assign(ctx, status: status, script: script || ctx.assigns.script)
    end

    @impl true
    def handle_call({:text, text}, _from, ctx), do: {:reply, :ok, print(ctx, text)}

    # What is logged does not stand behind a line that has no end yet, such as a question.
    def handle_call({:line, text}, _from, ctx) do
      ctx = if ctx.assigns.open, do: print(ctx, "\n"), else: ctx
      {:reply, :ok, print(ctx, text)}
    end

    defp print(ctx, ""), do: ctx

    defp print(ctx, text) do
      if ctx.assigns.pending == [], do: Process.send_after(self(), :print, @pause)
      assign(ctx, pending: [ctx.assigns.pending, text], open: not String.ends_with?(text, "\n"))
    end

    @impl true
    def handle_info(:print, ctx) do
      new = IO.iodata_to_binary(ctx.assigns.pending)
      text = cut(ctx.assigns.text <> new)
      # Pages get no more than they keep, however much it is at once.
      if byte_size(new) < byte_size(text),
        do: broadcast_event(ctx, "text", new),
        else: broadcast_event(ctx, "all", text)

      {:noreply, assign(ctx, pending: [], text: text)}
    end

    def handle_info(:look, ctx) do
      if ctx.assigns.status in ["starts", "runs"],
        do: Process.send_after(self(), :look, @interval)

      {:noreply, look(ctx)}
    end

    def handle_info({:answer, origin, answer}, ctx) do
      send_event(ctx, origin, "answer", answer)
      {:noreply, ctx}
    end

    def handle_info(_message, ctx), do: {:noreply, ctx}

    @impl true
    def handle_event("stop", _, %{assigns: %{owner: owner}} = ctx) do
      if owner, do: GenServer.cast(owner, :stop)
      {:noreply, ctx}
    end

    # Its pages ask, as they are not told when it is ended with its evaluation.
    def handle_event("there", _, ctx) do
      send_event(ctx, ctx.origin, "there", ctx.assigns.status)
      {:noreply, ctx}
    end

    # By another process, as it may take its time.
    def handle_event("call", %{"actor" => actor, "subject" => subject, "message" => text}, ctx) do
      {view, origin} = {self(), ctx.origin}
      spawn(fn -> send(view, {:answer, origin, Seen.call(actor, subject, text)}) end)
      {:noreply, ctx}
    end

    defp look(ctx) do
      %{script: script, began: began, seen: before} = ctx.assigns
      seen = Seen.look(script, began, before)
      if seen != before, do: broadcast_event(ctx, "seen", seen)
      assign(ctx, seen: seen)
    end

    # From a line's beginning on, unless one line is most of it.
    defp cut(text) when byte_size(text) <= @most, do: text

    defp cut(text) do
      kept = binary_part(text, byte_size(text), -@most)

      case :binary.split(kept, "\n") do
        [_, lines] when byte_size(lines) > div(@most, 2) -> lines
        _ -> from_character(kept)
      end
    end

    defp from_character(<<2::2, _::6, rest::binary>>), do: from_character(rest)
    defp from_character(text), do: text
  end
end

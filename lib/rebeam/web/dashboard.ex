defmodule Rebeam.Web.Dashboard do
  @moduledoc false
  # The dashboard's page and what it asks for. All but the page itself wants the token: from the address
  # that the program printed it goes into a cookie.
  #
  # What is sent is bounded, however many actors there are: the first of a list, open branches of
  # trees.

  alias Rebeam.Observe
  alias Rebeam.Observe.{Actors, Show}
  alias Rebeam.Web.{Answer, History, Message}

  @folder Path.expand("../../../priv/dashboard", __DIR__)
  @pages [
    {"/", "index.html", "text/html; charset=utf-8"},
    {"/dashboard.css", "dashboard.css", "text/css"},
    {"/dashboard.js", "dashboard.js", "text/javascript"}
  ]
  for {_, name, _} <- @pages, do: @external_resource(Path.join(@folder, name))
  # As they were when this was compiled: nothing is read while programs run.
  @files Map.new(@pages, fn {path, name, type} ->
           {path, {File.read!(Path.join(@folder, name)), type}}
         end)
  @most 500
  # How long an answer is waited for, in seconds.
  @seconds 5
  @most_seconds 60
  @orders Map.new(Actors.orders(), &{Atom.to_string(&1), &1})
  # A page of somebody else's cannot set it, so that none acts in this one's name.
  @own_header "x-rebeam"
  @policy "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:"

  @spec answer(map, Rebeam.Web.config()) :: Answer.t()
  def answer(%{path: "/", query: %{"token" => token}}, config) do
    if same?(token, config.token),
      do: {303, [{"location", "/"}, {"set-cookie", cookie(config)}], ""},
      else: refused()
  end

  def answer(request, config) do
    if allowed?(request, config), do: asked(request, config), else: refused()
  end

  defp asked(%{method: "GET", path: path}, _) when is_map_key(@files, path) do
    {text, type} = @files[path]
    {200, [{"content-type", type}, {"content-security-policy", @policy}], text}
  end

  defp asked(%{method: "GET", path: "/metrics"}, _), do: Answer.metrics()

  defp asked(%{method: "GET", path: "/api/" <> what, query: query}, config),
    do: look(what, query, config)

  defp asked(%{method: "POST", path: "/api/" <> what} = request, config) do
    cond do
      not config.control? ->
        Answer.plain(403, "the page may act only with --dashboard-control")

      not is_map_key(request.headers, @own_header) ->
        Answer.plain(403, "not from this page")

      true ->
        act(what, URI.decode_query(request.body))
    end
  end

  defp asked(%{method: "GET"}, _), do: Answer.plain(404, "there is no such page")
  defp asked(_, _), do: Answer.plain(405, "GET, or POST to /api")

  # ---- looking -----------------------------------------------------------------------------

  defp look("overview", query, config) do
    info = Observe.info()

    Answer.json(%{
      info: info,
      samples: History.look(info, number(query["since"], 0)),
      script: config.script,
      control: config.control?
    })
  end

  defp look("actors", query, _) do
    order = Map.get(@orders, query["sort"], :load)
    Answer.json(Observe.actors(order, limit(query), Map.get(query, "search", "")))
  end

  defp look("classes", _, _), do: Answer.json(Enum.take(Observe.classes(), @most))
  defp look("waits", query, _), do: Answer.json(Observe.waits(limit(query)))
  defp look("crashes", query, _), do: Answer.json(Observe.crashes(limit(query)))

  defp look("tree", query, _) do
    open = MapSet.new(String.split(Map.get(query, "open", ""), ",", trim: true))
    Answer.json(for entry <- Observe.tree(limit(query)), do: opened(entry, open, 0))
  end

  defp look("stack", %{"pid" => pid}, _) do
    case Observe.stack(Show.target(pid)) do
      {:ok, %{actor: actor, stacks: :unknown}} ->
        Answer.json(%{actor: actor, stacks: nil})

      {:ok, %{actor: actor, stacks: stacks}} ->
        Answer.json(%{actor: actor, stacks: Enum.map(stacks, &stack/1)})

      {:error, text} ->
        Answer.plain(404, text)
    end
  end

  defp look(_, _, _), do: Answer.plain(404, "there is no such thing to look at")

  defp stack({task, running?, frames}) do
    frames =
      for {file, line, function, text, locals} <- frames do
        locals = for {name, value} <- locals, do: [name, value]
        %{file: file, line: line, function: function, text: text, locals: locals}
      end

    %{task: task, running: running?, frames: frames}
  end

  # Roots are always open.
  defp opened(%{children: children, pid: pid} = entry, open, depth) do
    if depth == 0 or MapSet.member?(open, shown(pid)),
      do: %{entry | children: Enum.map(children, &opened(&1, open, depth + 1))},
      else: %{entry | children: []}
  end

  defp opened(entry, _open, _depth), do: entry

  defp shown(nil), do: ""
  defp shown(pid), do: List.to_string(:erlang.pid_to_list(pid))

  defp limit(query), do: query["limit"] |> number(50) |> min(@most) |> max(1)

  defp number(text, default) do
    case Integer.parse(text || "") do
      {number, ""} -> number
      _ -> default
    end
  end

  # ---- acting ------------------------------------------------------------------------------

  # Its supervisor starts it again, or not, as after any other end.
  defp act(what, %{"pid" => pid}) when what in ["stop", "kill"] do
    with_actor(pid, fn row ->
      Process.exit(row.pid, if(what == "stop", do: :shutdown, else: :kill))
      Answer.json(true)
    end)
  end

  defp act(what, %{"pid" => target, "subject" => subject} = said) when what in ["call", "cast"] do
    seconds = said["timeout"] |> number(@seconds) |> min(@most_seconds) |> max(1)
    kind = String.to_existing_atom(what)

    with_actor(target, fn row ->
      case Message.send(kind, row.pid, subject, said["message"] || "", seconds) do
        {:ok, answer} -> Answer.json(answer)
        {:error, text} -> Answer.plain(400, text)
      end
    end)
  end

  defp act(_, _), do: Answer.plain(404, "there is no such thing to do")

  defp with_actor(target, fun) do
    with {:ok, pid} <- Observe.find(Show.target(target)),
         [row] <- Observe.of([pid]) do
      fun.(row)
    else
      {:error, text} -> Answer.plain(404, text)
      [] -> Answer.plain(404, "#{target} is no actor of this program")
    end
  end

  # ---- who may ask -------------------------------------------------------------------------

  # A name that somebody else's DNS gives this host is no way in.
  defp allowed?(%{headers: headers}, config) do
    local?(headers["host"]) and
      (same?(cookies(headers["cookie"])[name(config)], config.token) or
         same?(headers["authorization"], "Bearer " <> config.token))
  end

  defp local?(nil), do: false
  defp local?(host), do: host =~ ~r/^(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?\z/i

  defp same?(nil, _), do: false
  defp same?(text, token), do: :erlang.md5(text) == :erlang.md5(token)

  defp refused do
    Answer.plain(401, "The address with its token is in the program's output, or: rebeam status")
  end

  # Cookies are the same for all ports of a host.
  defp name(config),
    do: "rebeam" <> binary_part(Base.encode16(:erlang.md5(config.token)), 0, 8)

  defp cookie(config), do: "#{name(config)}=#{config.token}; HttpOnly; SameSite=Strict; Path=/"

  defp cookies(nil), do: %{}

  defp cookies(text) do
    for pair <- String.split(text, ";"),
        [name, value] <- [String.split(String.trim(pair), "=", parts: 2)],
        into: %{},
        do: {name, value}
  end
end

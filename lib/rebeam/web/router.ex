defmodule Rebeam.Web.Router do
  @moduledoc false
  # Which path is what.
  #
  #   --metrics    /metrics  /metrics.json  /health  /ready
  #   --dashboard  the same, and /  /api/...  for who has the token

  alias Rebeam.Observe.{Json, Metrics}
  alias Rebeam.VM.Service
  alias Rebeam.Web.Dashboard

  @type request :: %{
          method: String.t(),
          head?: boolean,
          path: String.t(),
          query: %{String.t() => String.t()},
          headers: %{String.t() => String.t()},
          body: binary,
          keep?: boolean
        }
  @type response :: {100..599, [{String.t(), iodata}], iodata}

  @doc "The answer to a request that came to a listener of that kind."
  @spec answer(request, {:metrics | :dashboard, Rebeam.Web.config()}) :: response
  def answer(%{path: "/health"}, _), do: plain(200, "ok")

  def answer(%{path: "/ready"}, _) do
    state = Service.state()
    plain(if(state == :ready, do: 200, else: 503), Atom.to_string(state))
  end

  def answer(%{path: "/metrics"}, {:metrics, _}), do: metrics()

  def answer(%{path: "/metrics.json"}, {:metrics, _}),
    do: {200, [{"content-type", "application/json"}], Metrics.json(Metrics.all())}

  def answer(request, {:dashboard, config}), do: Dashboard.answer(request, config)
  def answer(_request, _), do: plain(404, "there are /metrics, /metrics.json, /health and /ready")

  @doc "The metrics as Prometheus reads them."
  @spec metrics :: response
  def metrics,
    do:
      {200, [{"content-type", "text/plain; version=0.0.4; charset=utf-8"}],
       Metrics.text(Metrics.all())}

  @spec plain(100..599, String.t()) :: response
  def plain(status, text),
    do: {status, [{"content-type", "text/plain; charset=utf-8"}], [text, "\n"]}

  @spec json(term) :: response
  def json(term), do: {200, [{"content-type", "application/json"}], Json.encode(term)}
end

defmodule Rebeam.Web.Router do
  @moduledoc false
  # Which path is what.
  #
  #   --metrics    /metrics  /metrics.json  /health  /ready
  #   --dashboard  the same, and /  /api/...  for who has the token

  alias Rebeam.Observe.Metrics
  alias Rebeam.VM.Service
  alias Rebeam.Web.{Answer, Dashboard}

  @type request :: %{
          method: String.t(),
          head?: boolean,
          path: String.t(),
          query: %{String.t() => String.t()},
          headers: %{String.t() => String.t()},
          body: binary,
          keep?: boolean
        }

  @doc "The answer to a request that came to a listener of that kind."
  @spec answer(request, {:metrics | :dashboard, Rebeam.Web.config()}) :: Answer.t()
  def answer(%{path: "/health"}, _), do: Answer.plain(200, "ok")

  def answer(%{path: "/ready"}, _) do
    state = Service.state()
    Answer.plain(if(state == :ready, do: 200, else: 503), Atom.to_string(state))
  end

  def answer(%{path: "/metrics"}, {:metrics, _}), do: Answer.metrics()

  def answer(%{path: "/metrics.json"}, {:metrics, _}),
    do: {200, [{"content-type", "application/json"}], Metrics.json(Metrics.all())}

  def answer(request, {:dashboard, config}), do: Dashboard.answer(request, config)

  def answer(_request, _),
    do: Answer.plain(404, "there are /metrics, /metrics.json, /health and /ready")
end

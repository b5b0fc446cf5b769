defmodule Rebeam.Web.Answer do
  @moduledoc false
  # What is said to a request: the status, headers but for those of all answers, and the body.

  alias Rebeam.Observe.{Json, Metrics}

  @type t :: {100..599, [{String.t(), iodata}], iodata}

  @doc "A line for people."
  @spec plain(100..599, String.t()) :: t
  def plain(status, text),
    do: {status, [{"content-type", "text/plain; charset=utf-8"}], [text, "\n"]}

  @spec json(term) :: t
  def json(term), do: {200, [{"content-type", "application/json"}], Json.encode(term)}

  @doc "The metrics as Prometheus reads them."
  @spec metrics :: t
  def metrics do
    headers = [{"content-type", "text/plain; version=0.0.4; charset=utf-8"}]
    {200, headers, Metrics.text(Metrics.all())}
  end
end

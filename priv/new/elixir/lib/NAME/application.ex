defmodule MODULE.Application do
  @moduledoc false
  use Application

  @impl true
  def start(_type, _arguments) do
    # In a release, too, Python's files are in priv.
    python = Application.app_dir(:NAME, "priv/python")

    children = [
      {Rebeam.GenPy, {{"counter", "Counter", [40]}, name: "counter", path: python}}
    ]

    Supervisor.start_link(children, strategy: :one_for_one, name: MODULE.Supervisor)
  end
end

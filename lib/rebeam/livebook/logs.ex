if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.Logs do
    @moduledoc false
    # A handler of OTP's `:logger`: what the processes of a cell's script log is shown with what they print.

    alias Rebeam.Livebook.Leader
    alias Rebeam.Log.Formatter

    @spec install :: term
    def install do
      formatter = {Formatter, %{format: :text, colours: false, terminal: false}}
      :logger.add_handler(__MODULE__, __MODULE__, %{formatter: formatter, level: :info})
    end

    @doc "What OTP calls."
    def log(%{meta: %{gl: leader}} = event, %{formatter: {module, config}}) when is_pid(leader) do
      if Leader.leader?(leader),
        do: Leader.log(leader, event |> module.format(config) |> IO.chardata_to_string())
    end

    def log(_event, _config), do: :ok
  end
end

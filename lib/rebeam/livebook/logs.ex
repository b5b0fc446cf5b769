if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.Logs do
    @moduledoc false
    # A handler of OTP's `:logger`: what the processes of a cell's script log is shown with what they print,
    # and not by Livebook under whichever cell was evaluated last.

    alias Rebeam.Livebook.Leader
    alias Rebeam.Log.Formatter

    @livebook :livebook_gl_handler

    @spec install :: term
    def install do
      formatter = {Formatter, %{format: :text, colours: false, terminal: false}}
      :logger.add_handler(__MODULE__, __MODULE__, %{formatter: formatter, level: :info})
      # Where there is no Livebook, there is no such handler.
      :logger.add_handler_filter(@livebook, __MODULE__, {&__MODULE__.filter/2, nil})
    end

    @doc "What OTP calls."
    def log(%{meta: %{gl: leader}} = event, %{formatter: {module, config}}) when is_pid(leader) do
      if Leader.leader?(leader),
        do: Leader.log(leader, event |> module.format(config) |> IO.chardata_to_string())
    end

    def log(_event, _config), do: :ok

    @doc "The same for Livebook's handler: stops what is shown here."
    def filter(%{meta: %{gl: leader}}, _) when is_pid(leader),
      do: if(Leader.leader?(leader), do: :stop, else: :ignore)

    def filter(_event, _), do: :ignore
  end
end

if Rebeam.KinoSources.lack() == nil do
  Rebeam.KinoSources.load!()

  defmodule Rebeam.Livebook.NotebooksTest do
    # The notebooks run from top to bottom, each in a VM of its own, with a name like those of Livebook's runtimes.
    use ExUnit.Case, async: true

    alias Rebeam.{KinoSources, Program}

    @start """
    :ok = Rebeam.OwnNode.start("notebook", :longnames)

    run = fn path ->
      [_install | cells] =
        Regex.scan(~r/^```elixir\\n(.*?)^```$/ms, File.read!(path), capture: :all_but_first)

      Enum.reduce(cells, [], fn [cell], binding ->
        {value, binding} = Code.eval_string(cell, binding)
        Kino.Render.to_livebook(value)
        binding
      end)

      length(cells)
    end
    """

    for path <- Path.wildcard("priv/livebook/*.livemd") do
      @tag :slow
      test Path.basename(path) do
        path = Path.expand(unquote(path))

        code =
          KinoSources.prelude() <>
            @start <> "IO.puts([\"cells: \", to_string(run.(#{inspect(path)}))])"

        env = [{"REBEAM_PYTHON", Program.python().executable}]
        result = Program.elixir(code, env: env, limit: 300)
        assert result.status == 0, result.out <> result.err
        cells = path |> File.read!() |> String.split("```elixir\n") |> length()
        assert result.out =~ "cells: #{cells - 2}\n"
      end
    end
  end
end

if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook.File do
    @moduledoc false
    # The files of the cells of this VM, each as long as its script has an owner. Units and tracebacks read
    # them. No Python module has such a name: a cell hides no module of another's.

    @doc "A file of its own for that code; its path."
    @spec write!(String.t(), String.t()) :: Path.t()
    def write!(name, code) do
      folder = Path.join(System.tmp_dir!(), "rebeam-livebook-#{System.pid()}")
      File.mkdir_p!(folder)
      write!(Path.join(folder, String.replace(name, ~r/[^\w-]/u, "_")), code, 1)
    end

    defp write!(base, code, number) do
      path = "#{base}#{if number > 1, do: "-#{number}"}.cell.py"

      case File.write(path, code, [:exclusive]) do
        :ok -> path
        {:error, :eexist} -> write!(base, code, number + 1)
        {:error, reason} -> raise File.Error, reason: reason, action: "write to file", path: path
      end
    end

    @spec remove(Path.t()) :: term
    def remove(path) do
      File.rm(path)
      # Where it was the last one.
      File.rmdir(Path.dirname(path))
    end
  end
end

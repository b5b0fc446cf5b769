defmodule Rebeam.Python do
  @moduledoc false
  # Which Python: the user's own, and the shared libpython that belongs to it.

  alias Rebeam.Python.{Choice, Library, Probe}

  @oldest {3, 11}

  @type t :: %{
          executable: Path.t(),
          libpython: Path.t(),
          version: String.t(),
          prefix: Path.t()
        }

  @doc """
  Finds the interpreter that the script is for.

    * `:python` - an executable, a name on PATH, or the folder of a virtual environment
    * `:script` - the script, beside which a `.venv` may be

  Starts that interpreter once, for some 20 ms. An error is one line for the user.
  """
  @spec find(python: Path.t() | nil, script: Path.t() | nil) :: {:ok, t} | {:error, String.t()}
  def find(opts) do
    with {:ok, executable} <- Choice.executable(opts),
         {:ok, facts} <- Probe.run(executable),
         :ok <- new_enough(facts),
         :ok <- with_gil(facts),
         {:ok, libpython} <- Library.find(facts) do
      {:ok, Map.put(Map.take(facts, [:executable, :version, :prefix]), :libpython, libpython)}
    end
  end

  defp new_enough(%{version: version, executable: executable}) do
    [major, minor | _] =
      version |> String.split(".") |> Enum.map(&(&1 |> Integer.parse() |> elem(0)))

    if {major, minor} >= @oldest,
      do: :ok,
      else: {:error, "#{executable} is Python #{version}; Re:BEAM needs 3.11 or newer"}
  end

  defp with_gil(%{free_threaded: false}), do: :ok

  defp with_gil(%{executable: executable, version: version}) do
    {:error,
     "#{executable} is the free-threaded build of Python #{version}, " <>
       "which is not supported yet; use the standard build"}
  end
end

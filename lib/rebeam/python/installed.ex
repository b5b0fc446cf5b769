defmodule Rebeam.Python.Installed do
  @moduledoc false
  # The environment that a wheel put this release into: its `lib/rebeam` is the release, its
  # `bin/rebeam` the launcher.

  @doc """
  The folder of that environment, if there is an interpreter in it. `:own` if it is a virtual
  environment and its command was run where it is: then it is meant, as by any command in it.
  A link from elsewhere, as of tools that are installed for all projects, and an installation
  outside of a virtual environment, mean whatever else is chosen first: `:fallback`.
  """
  @spec environment :: {:own | :fallback, Path.t()} | nil
  def environment do
    root = Path.expand(:code.root_dir())
    folder = Path.expand("../..", root)

    if root == Path.join(folder, "lib/rebeam") and File.exists?(Path.join(folder, "bin/python3")),
      do: {meaning(folder), folder}
  end

  defp meaning(folder) do
    if File.regular?(Path.join(folder, "pyvenv.cfg")) and run_in_place?(folder),
      do: :own,
      else: :fallback
  end

  defp run_in_place?(folder) do
    case :init.get_argument(:launched) do
      {:ok, [[path]]} -> same?(Path.dirname(path), Path.join(folder, "bin"))
      _ -> false
    end
  end

  defp same?(one, other) do
    with {:ok, one} <- File.stat(one), {:ok, other} <- File.stat(other) do
      {one.inode, one.major_device} == {other.inode, other.major_device}
    else
      _ -> false
    end
  end
end

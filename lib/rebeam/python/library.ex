defmodule Rebeam.Python.Library do
  @moduledoc false
  # The shared libpython of an interpreter.

  @doc "Its path, or one line that says how to get it."
  @spec find(Rebeam.Python.Probe.facts()) :: {:ok, Path.t()} | {:error, String.t()}
  def find(facts) do
    case Enum.find(candidates(facts), &File.regular?/1) do
      nil -> {:error, "#{facts.executable} has no shared libpython: #{remedy(facts)}"}
      path -> {:ok, path}
    end
  end

  defp candidates(facts) do
    for folder <- folders(facts), name <- names(facts), do: Path.join(folder, name)
  end

  # The recorded folder is of the machine that built it, if the build was moved.
  defp folders(%{libdir: libdir, multiarch: multiarch, base_prefix: base}) do
    Enum.uniq([libdir, Path.join(libdir, multiarch), Path.join(base, "lib")]) -- [""]
  end

  # A static build records an archive here, next to which a library may still be.
  defp names(facts) do
    plain = "libpython#{minor(facts)}"

    [facts.instsoname, facts.ldlibrary, plain <> ".so.1.0", plain <> ".dylib"]
    |> Enum.uniq()
    |> Enum.filter(&shared?(Path.basename(&1)))
  end

  defp shared?(name),
    do: String.ends_with?(name, [".so", ".dylib"]) or String.contains?(name, [".so.", ".dylib."])

  defp remedy(%{base_prefix: "/usr"} = facts) do
    if File.exists?("/etc/debian_version"),
      do: "apt install libpython#{minor(facts)}",
      else: "install your system's package with libpython#{minor(facts)}.so"
  end

  defp remedy(facts) do
    if facts.base_prefix =~ "pyenv",
      do: "PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force #{facts.version}",
      else: "it was built without --enable-shared"
  end

  defp minor(%{version: version}) do
    version |> String.split(".") |> Enum.take(2) |> Enum.join(".")
  end
end

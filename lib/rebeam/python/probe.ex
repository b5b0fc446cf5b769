defmodule Rebeam.Python.Probe do
  @moduledoc false
  # Asks an interpreter about itself. Costs one start of it, without `site`, unless it was asked
  # before (Rebeam.Python.Probed).

  alias Rebeam.Python.{Asked, Probed}

  @keys [:executable, :version, :prefix, :base_prefix, :free_threaded] ++
          [:libdir, :instsoname, :ldlibrary, :multiarch]

  # One fact a line. A shim, such as pyenv's, is left behind by sys.executable.
  @question """
  import sys, sysconfig
  variable = lambda name: sysconfig.get_config_var(name) or ""
  facts = [sys.executable, "%d.%d.%d" % sys.version_info[:3], sys.prefix, sys.base_prefix]
  facts += [variable("Py_GIL_DISABLED"), variable("LIBDIR"), variable("INSTSONAME")]
  facts += [variable("LDLIBRARY"), variable("MULTIARCH")]
  sys.stdout.buffer.write("\\n".join(map(str, facts)).encode("utf-8", "surrogateescape"))
  """

  @type facts :: %{
          executable: Path.t(),
          version: String.t(),
          prefix: Path.t(),
          base_prefix: Path.t(),
          free_threaded: boolean,
          libdir: String.t(),
          instsoname: String.t(),
          ldlibrary: String.t(),
          multiarch: String.t()
        }

  @doc "What the interpreter says about itself, or one line about why it does not."
  @spec run(Path.t()) :: {:ok, facts} | {:error, String.t()}
  def run(executable) do
    with {:ok, answers} <- Probed.keep(executable, length(@keys), fn -> ask(executable) end) do
      facts = Map.new(Enum.zip(@keys, answers))
      free_threaded = facts.free_threaded == "1"
      {:ok, %{facts | free_threaded: free_threaded, prefix: prefix(facts)}}
    end
  end

  defp ask(executable) do
    with {:ok, text, status} <- Asked.run(executable, ["-I", "-S", "-c", @question]),
         do: checked(executable, String.split(text, "\n"), status)
  end

  defp checked(_executable, answers, 0) when length(answers) == length(@keys), do: {:ok, answers}

  defp checked(executable, answers, status) do
    last = answers |> Enum.reject(&(&1 == "")) |> List.last("") |> String.slice(0, 200)
    {:error, "#{executable} does not run as Python 3 (status #{status}): #{last}"}
  end

  # Without `site`, which is slow, only 3.14 knows that it is in an environment.
  defp prefix(facts) do
    folder = facts.executable |> Path.dirname() |> Path.dirname()
    if File.regular?(Path.join(folder, "pyvenv.cfg")), do: folder, else: facts.prefix
  end
end

defmodule Rebeam.Precompiled do
  @moduledoc false
  # The native libraries as a file that somebody has built, for who has no compiler or no Python.h. By the
  # conventions of elixir_make and cc_precompiler, so that their files, settings and cache are the same, but
  # without either: names of files, `checksum.exs`, `config :elixir_make, :force_build, rebeam: true`,
  # ELIXIR_MAKE_CACHE_DIR, TARGET_ARCH, TARGET_OS, TARGET_ABI. `.ci/precompiled` makes such a file.
  #
  # A package with a `checksum.exs` takes them, a clone has none and compiles. What does not have the
  # checksum of the package is refused.

  @compile {:no_warn_undefined, [:crypto, :httpc, :public_key]}

  # OTP 25's; later ones load it.
  @nif_version "2.16"
  @placeholder "@{artefact_filename}"

  @doc """
  Puts the libraries into the folder `priv` of the package at `root`: `:none` if it names no file for this
  machine, or if they are to be compiled; an error says why there is none, `:refused` why it must not be
  taken.
  """
  @spec fetch(Path.t(), Path.t(), keyword) ::
          :ok | :none | {:error, String.t()} | {:refused, String.t()}
  def fetch(root, priv, project) do
    name = file(project[:version])
    url = url(project)
    checksum = checksums(root)[name]
    if force?() or url == nil or checksum == nil, do: :none, else: take(name, url, checksum, priv)
  end

  defp take(name, url, checksum, priv) do
    with :ok <- start([:crypto]),
         {:ok, bytes} <- read(name, url),
         :ok <- check(name, bytes, checksum),
         do: unpack(name, bytes, priv)
  end

  # Systems pack OTP in parts, so each may be missing.
  defp start([]), do: :ok

  defp start([application | others]) do
    find(application)

    case Application.ensure_all_started(application) do
      {:ok, _} ->
        start(others)

      {:error, _} ->
        {:error, "OTP's #{application} is not installed (on Debian erlang-#{application})"}
    end
  end

  # Mix takes what a project does not name out of the code path.
  defp find(application) do
    if function_exported?(Mix, :ensure_application!, 1),
      do: apply(Mix, :ensure_application!, [application])
  rescue
    # It says so, and how to add it to the project, where it is not there at all.
    Mix.Error -> nil
  end

  @doc "What the file for this machine is called."
  @spec file(String.t()) :: String.t()
  def file(version), do: "rebeam-nif-#{@nif_version}-#{target()}-#{version}.tar.gz"

  defp target do
    given = Enum.map(["TARGET_ARCH", "TARGET_OS", "TARGET_ABI"], &System.get_env/1)
    if Enum.any?(given), do: Enum.join(given, "-"), else: own()
  end

  # Without the vendor.
  defp own do
    case :erlang.system_info(:system_architecture) |> to_string() |> String.split("-") do
      [arch, _vendor, os, abi] -> "#{arch}-#{os}-#{abi}"
      other -> Enum.join(other, "-")
    end
  end

  defp force?, do: Application.get_env(:elixir_make, :force_build, [])[:rebeam] == true

  # A folder, or an address, which may say where the name of the file is.
  defp url(project) do
    case System.get_env("REBEAM_PRECOMPILED", "") do
      "" -> project[:make_precompiler_url]
      url -> if url =~ @placeholder, do: url, else: "#{url}/#{@placeholder}"
    end
  end

  defp checksums(root) do
    with {:ok, text} <- File.read(Path.join(root, "checksum.exs")),
         {%{} = checksums, _} <- Code.eval_string(text),
         do: checksums,
         else: (_ -> %{})
  end

  # One that is in the cache was fetched, and is checked all the same.
  defp read(name, url) do
    cached = Path.join(cache(), name)
    source = String.replace(url, @placeholder, name)

    cond do
      File.regular?(cached) -> File.read(cached)
      source =~ ~r"^https?://" -> with {:ok, bytes} <- download(source), do: keep(cached, bytes)
      true -> local(source)
    end
  end

  defp cache do
    System.get_env("ELIXIR_MAKE_CACHE_DIR") ||
      to_string(:filename.basedir(:user_cache, ~c"elixir_make"))
  end

  defp keep(cached, bytes) do
    with :ok <- File.mkdir_p(Path.dirname(cached)), do: File.write(cached, bytes)
    {:ok, bytes}
  end

  defp local(path) do
    with {:error, reason} <- File.read(path),
         do: {:error, "#{path} cannot be read: #{:file.format_error(reason)}"}
  end

  defp download(url) do
    Mix.shell().info("Downloading #{url}")
    with :ok <- start([:inets, :ssl]), do: request(url)
  end

  defp request(url) do
    case :httpc.request(:get, {to_charlist(url), []}, [ssl: tls()], body_format: :binary) do
      {:ok, {{_, 200, _}, _, bytes}} -> {:ok, bytes}
      {:ok, {{_, status, _}, _, _}} -> {:error, "#{url} cannot be fetched: status #{status}"}
      {:error, reason} -> {:error, "#{url} cannot be fetched: #{inspect(reason)}"}
    end
  end

  defp tls do
    match = :public_key.pkix_verify_hostname_match_fun(:https)
    [verify: :verify_peer, customize_hostname_check: [match_fun: match]] ++ authorities()
  end

  defp authorities do
    case System.get_env("HEX_CACERTS_PATH") do
      nil -> [cacerts: :public_key.cacerts_get()]
      path -> [cacertfile: path]
    end
  end

  defp check(name, bytes, checksum) do
    own = "sha256:" <> Base.encode16(:crypto.hash(:sha256, bytes), case: :lower)

    if own == checksum,
      do: :ok,
      else:
        {:refused, "#{name} does not have the checksum of this package, and is not taken: #{own}"}
  end

  defp unpack(name, bytes, priv) do
    File.mkdir_p!(priv)

    with {:error, reason} <-
           :erl_tar.extract({:binary, bytes}, [:compressed, cwd: to_charlist(priv)]),
         do: {:error, "#{name} cannot be unpacked: #{inspect(reason)}"}
  end
end

defmodule Rebeam.Units.Transport do
  @moduledoc false
  # What carries the distribution: TCP, or TLS with what is in a folder (`--tls DIR`, `rebeam cert`):
  #
  #   ca.pem    the authority: whoever has a certificate of it is one of the cluster
  #   cert.pem  this node's
  #   key.pem   its key, which only the user may read
  #
  # OTP wants it on the command line of the VM. The host that a certificate is for is not looked at: as
  # the authority is the cluster's own, it is enough to have one.

  alias Rebeam.VM

  @files ~w(ca.pem cert.pem key.pem)
  # OTP's own 7 are too few for the handshakes of many units at once, on a machine that is busy.
  @setup_seconds 30
  @flags [:proto_dist, :ssl_dist_opt, :ssl_dist_optfile]

  @doc "The flags of a VM whose nodes speak TLS; none for nil."
  @spec flags(Path.t() | nil) :: [String.t()]
  def flags(nil), do: []

  def flags(folder) do
    [ca, cert, key] = for file <- @files, do: folder |> Path.join(file) |> Path.expand()

    options =
      for side <- ["server", "client"],
          {name, value} <- [certfile: cert, keyfile: key, cacertfile: ca, verify: "verify_peer"],
          do: ["#{side}_#{name}", value]

    ["-proto_dist", "inet_tls", "-ssl_dist_opt"] ++
      Enum.concat(options) ++
      ["server_fail_if_no_peer_cert", "true"] ++
      ["client_verify_fun", ~s({'#{__MODULE__}',verify,[]})]
  end

  @doc "Those of this VM, for its units."
  @spec given :: [String.t()]
  def given, do: Enum.flat_map(@flags, &VM.given/1)

  @doc "Whether this VM was started for TLS."
  @spec tls? :: boolean
  def tls?, do: :init.get_argument(:proto_dist) == {:ok, [[~c"inet_tls"]]}

  @doc "Whether its nodes listen on addresses of IPv4."
  @spec ipv4? :: boolean
  def ipv4?, do: tls?() or :init.get_argument(:proto_dist) == :error

  @doc "Before this VM becomes a node."
  @spec prepare :: :ok | {:error, String.t()}
  def prepare do
    if tls?() do
      Application.put_env(:kernel, :net_setuptime, @setup_seconds)
      VM.ensure_started(:ssl)
    else
      :ok
    end
  end

  @doc "Whether such a folder can be used. The error is one line."
  @spec check(Path.t()) :: :ok | {:error, String.t()}
  def check(folder) do
    Enum.find_value(@files, :ok, fn file ->
      path = Path.join(folder, file)

      case File.stat(path) do
        {:ok, %{mode: mode}} when file == "key.pem" and Bitwise.band(mode, 0o077) != 0 ->
          {:error, "--tls #{folder}: others can read #{file} (chmod 600 #{path})"}

        {:ok, _} ->
          nil

        {:error, reason} ->
          {:error,
           "--tls #{folder}: #{file}: #{:file.format_error(reason)}: rebeam cert makes one"}
      end
    end)
  end

  @doc "For OTP's ssl: which certificates of others are good."
  @spec verify(term, term, term) :: {:valid | :unknown | :fail, term}
  def verify(_certificate, {:bad_cert, :hostname_check_failed}, state), do: {:valid, state}
  def verify(_certificate, {:bad_cert, _} = reason, _state), do: {:fail, reason}
  def verify(_certificate, {:extension, _}, state), do: {:unknown, state}
  def verify(_certificate, _valid, state), do: {:valid, state}
end

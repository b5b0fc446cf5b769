defmodule Rebeam.CLI.Cert do
  @moduledoc false
  # `rebeam cert DIR`: an authority and a certificate for a cluster of one's own, as `--tls DIR` wants
  # them. The key of the authority is kept nowhere: nobody makes another certificate of it, and all
  # nodes have copies of this one.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.Complaint
  alias Rebeam.VM

  @years 10
  # Other machines' clocks may be behind; and OTP has a day begin at 13:00.
  @days_before 2

  @impl true
  def run([folder]) do
    with :ok <- free(folder),
         :ok <- VM.ensure_started(:public_key),
         :ok <- File.mkdir_p(folder),
         :ok <- File.chmod(folder, 0o700),
         {ca, cert, key} = make(),
         :ok <- write(folder, "key.pem", [key]),
         :ok <- write(folder, "cert.pem", [{:Certificate, cert, :not_encrypted}]),
         :ok <- write(folder, "ca.pem", Enum.map(ca, &{:Certificate, &1, :not_encrypted})) do
      IO.puts("""
      #{folder} has ca.pem, cert.pem and key.pem, good for #{@years} years. Copy the folder to each
      machine, keep it secret, and start all nodes with --tls #{folder}
      """)

      0
    else
      {:error, text} when is_binary(text) -> Complaint.say(text) && 1
      {:error, reason} -> Complaint.say("#{folder}: #{:file.format_error(reason)}") && 1
    end
  end

  def run(_), do: Complaint.say("cert takes the name of a folder: rebeam cert DIR") && 2

  defp free(folder) do
    there =
      for file <- ~w(ca.pem cert.pem key.pem), File.exists?(Path.join(folder, file)), do: file

    if there == [], do: :ok, else: {:error, "#{folder} has a #{hd(there)} already"}
  end

  # OTP makes two chains, one for servers and one for clients: here a node is both.
  defp make do
    first = Date.add(Date.utc_today(), -@days_before)
    last = Date.add(first, @years * 365)
    options = [digest: :sha256, key: {:namedCurve, :secp256r1}]
    options = [{:validity, {Date.to_erl(first), Date.to_erl(last)}} | options]
    chain = %{root: options, intermediates: [], peer: options}
    made = :public_key.pkix_test_data(%{server_chain: chain, client_chain: chain})
    {kind, key} = made.server_config[:key]
    {made.client_config[:cacerts], made.server_config[:cert], {kind, key, :not_encrypted}}
  end

  # Nobody else reads it at any moment.
  defp write(folder, file, entries) do
    path = Path.join(folder, file)

    with :ok <- File.write(path, "", [:exclusive]),
         :ok <- File.chmod(path, 0o600),
         do: File.write(path, :public_key.pem_encode(entries))
  end
end

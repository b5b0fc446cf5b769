defmodule Rebeam.CLI.CertTest do
  # `rebeam cert`, and nodes that speak TLS with what it makes.
  use ExUnit.Case, async: true

  import Rebeam.Waiting

  alias Rebeam.{Ports, Program, Running}

  @driven "cluster/driven.py"

  defp rebeam(words), do: Program.run({:words, words}, own: true)
  defp name, do: "t#{System.unique_integer([:positive])}-#{System.pid()}@127.0.0.1"

  defp cert(folder) do
    path = Path.join(folder, "cert#{System.unique_integer([:positive])}")
    assert %{status: 0, err: ""} = rebeam(["cert", path])
    path
  end

  @tag :slow
  test "a folder that nobody else reads, and that is not made twice" do
    folder = cert(Program.folder())
    assert File.stat!(folder).mode |> Bitwise.band(0o777) == 0o700

    for file <- ~w(ca.pem cert.pem key.pem),
        do: assert(File.stat!(Path.join(folder, file)).mode |> Bitwise.band(0o777) == 0o600)

    assert %{status: 1, err: err} = rebeam(["cert", folder])
    assert err == "rebeam: #{folder} has a ca.pem already\n"
    assert %{status: 1, err: err} = rebeam(["cert", "/proc/x"])
    assert err =~ "rebeam: /proc/x: no such file or directory"
    assert %{status: 2} = rebeam(["cert"])

    File.chmod!(Path.join(folder, "key.pem"), 0o644)
    assert %{status: 2, err: err} = Program.run("", options: ["--name", name(), "--tls", folder])
    assert err =~ "others can read key.pem (chmod 600 #{folder}/key.pem)"
  end

  # As a certificate has it: YYMMDDhhmmssZ.
  defp time({:utcTime, text}) do
    [year, month, day, hour, minute, second] =
      for [digits] <- Regex.scan(~r/\d\d/, "#{text}"), do: String.to_integer(digits)

    DateTime.new!(Date.new!(2000 + year, month, day), Time.new!(hour, minute, second))
  end

  @tag :slow
  test "it is good at once, where clocks are behind, too, and for ten years" do
    :ok = Rebeam.VM.ensure_started(:public_key)
    folder = cert(Program.folder())
    now = DateTime.utc_now()

    for file <- ~w(ca.pem cert.pem) do
      [{:Certificate, bytes, _} | _] =
        folder |> Path.join(file) |> File.read!() |> :public_key.pem_decode()

      certificate = bytes |> :public_key.pkix_decode_cert(:plain) |> elem(1)
      {:Validity, first, last} = elem(certificate, 5)
      assert DateTime.diff(now, time(first)) > 24 * 3600
      assert_in_delta DateTime.diff(time(last), now) / (365 * 24 * 3600), 10, 0.1
    end
  end

  @tag :slow
  test "by TLS: units, words, other ports; and who has another certificate, or none, is refused" do
    folder = Program.folder(%{"cookie" => "of this test"})
    cookie = Path.join(folder, "cookie")
    File.chmod!(cookie, 0o600)
    [tls, other] = [cert(folder), cert(folder)]
    [one, two] = [name(), name()]
    port = "#{Ports.free(3)}"
    shared = ["--cookie-file", cookie]

    first =
      Running.start(@driven, options: ["--name", one, "--port", port, "--tls", tls] ++ shared)

    second =
      Running.start(@driven,
        options:
          ["--name", two, "--tls", tls, "--port", "#{String.to_integer(port) + 1}"] ++
            ["--connect", "#{one}:#{port}"] ++ shared
      )

    assert Running.ask(second, "unit nodes()") == "['#{one}']"

    wait_until(fn ->
      Running.ask(second, "unit call(('unit', '#{one}'), 'tried', 'this_node()')") =~ one
    end)

    assert %{status: 0, err: "", out: out} = rebeam(["status", "#{first.pid}"])
    assert out =~ ~r/^nodes +#{two}$/m
    there = ["--cookie-file", cookie, "--tls", tls]

    assert %{status: 0, err: "", out: "42\n"} =
             rebeam(["eval", "#{one}:#{port}", "6 * 7"] ++ there)

    for options <- [["--tls", other], []] do
      result =
        Program.run("",
          options:
            ["--name", name(), "--port", "#{String.to_integer(port) + 2}"] ++
              ["--connect", "#{one}:#{port}"] ++ options ++ shared
        )

      assert result.status == 2
      assert result.err =~ "rebeam: --connect #{one}:#{port}: 127.0.0.1:#{port} refuses this node"
      Running.line(first, ~r/TLS server: .*Fatal/)
    end

    Running.stop(second)
    Running.stop(first)
  end
end

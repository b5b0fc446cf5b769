defmodule Rebeam.Observe.HttpTest do
  # /metrics and its siblings, of a program.
  use ExUnit.Case, async: true

  alias Rebeam.Observe.Http
  alias Rebeam.{Program, Running}

  defp ask(port, request) do
    {:ok, socket} = :gen_tcp.connect({127, 0, 0, 1}, port, [:binary, active: false])
    :ok = :gen_tcp.send(socket, request)
    answer = all(socket, "")
    [head, body] = String.split(answer, "\r\n\r\n", parts: 2)
    ["HTTP/1.1 " <> status | _] = String.split(head, "\r\n")
    {status, head, body}
  end

  defp all(socket, read) do
    case :gen_tcp.recv(socket, 0, 30_000) do
      {:ok, more} -> all(socket, read <> more)
      {:error, :closed} -> read
    end
  end

  defp get(port, path), do: ask(port, "GET #{path} HTTP/1.1\r\nhost: x\r\n\r\n")

  # One that nobody has now.
  defp free_port do
    {:ok, socket} = :gen_tcp.listen(0, [])
    {:ok, port} = :inet.port(socket)
    :gen_tcp.close(socket)
    port
  end

  test "addresses" do
    assert Http.address("9568") == {:ok, {{127, 0, 0, 1}, 9568}}
    assert Http.address("0.0.0.0:80") == {:ok, {{0, 0, 0, 0}, 80}}
    assert Http.address("[::1]:80") == {:ok, {{0, 0, 0, 0, 0, 0, 0, 1}, 80}}

    for wrong <- ["x", "", "1:x", "65536", "no such host:1"],
        do:
          assert({:error, "an address is a port, or HOST:PORT, not " <> _} = Http.address(wrong))
  end

  @tag :slow
  test "metrics, health and readiness; what is asked for in another way" do
    port = free_port()
    program = Running.start("cli/looking/shop.py", options: ["--metrics", "#{port}"])

    assert {"200 OK", head, body} = get(port, "/metrics")
    assert head =~ "content-type: text/plain; version=0.0.4"
    assert body =~ ~r/^# TYPE rebeam_messages_total counter$/m
    assert body =~ ~r/^rebeam_messages_total\{class="Till",unit="shared"\} [1-9][0-9]*$/m
    assert body =~ ~r/^rebeam_actors\{class="Stock",unit="shared"\} 1$/m
    assert body =~ ~r/^rebeam_crashes_total 1$/m

    for line <- String.split(body, "\n", trim: true) do
      assert line =~
               ~r/^(# (HELP|TYPE) rebeam_\w+ .+|rebeam_\w+(\{(\w+="[^"]*",?)+\})? [0-9.e+-]+)$/
    end

    assert {"200 OK", _, "[{" <> _} = get(port, "/metrics.json")
    assert {"200 OK", _, "ok\n"} = get(port, "/health")
    assert {"200 OK", _, "ready\n"} = get(port, "/ready?x=1")
    assert {"404 Not Found", _, _} = get(port, "/")
    assert {"405 Method Not Allowed", _, _} = ask(port, "POST /metrics HTTP/1.1\r\n\r\n")
    assert {"200 OK", head, ""} = ask(port, "HEAD /health HTTP/1.0\r\n\r\n")
    assert head =~ "content-length: 3"

    # What does not go on, or is no HTTP, is nobody's concern.
    {:ok, silent} = :gen_tcp.connect({127, 0, 0, 1}, port, [])
    {:ok, other} = :gen_tcp.connect({127, 0, 0, 1}, port, [])
    :gen_tcp.send(other, "what?\r\n\r\n")
    assert {"200 OK", _, "ok\n"} = get(port, "/health")
    :gen_tcp.close(silent)

    result = Program.run("print(1)", options: ["--metrics", "#{port}"])
    assert {result.out, result.status} == {"", 2}
    assert result.err == "rebeam: --metrics: port #{port}: address already in use\n"
    assert {143, []} = Running.stop(program)
  end

  test "an address that is none" do
    result = Program.run("print(1)", options: ["--metrics", "there"])
    assert result.status == 2

    assert result.err ==
             ~s(rebeam: --metrics: an address is a port, or HOST:PORT, not "there"\n)
  end
end

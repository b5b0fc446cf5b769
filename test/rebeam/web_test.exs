defmodule Rebeam.WebTest do
  use ExUnit.Case, async: true

  import Rebeam.Waiting

  alias Rebeam.{Program, Running}

  @program Program.source("web/shop.py")

  # With a dashboard; where it is, and its token.
  defp shop(count, options \\ []) do
    shop =
      Running.start(@program,
        args: ["#{count}"],
        options: ["--dashboard", "0" | options],
        until: ~r/^dashboard: /
      )

    [_, port, token] = Regex.run(~r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", shop.first)
    Running.line(shop, ~r/^ready$/)
    {shop, String.to_integer(port), token}
  end

  # A request as a browser would send it: its status, headers and body.
  defp ask(port, text) do
    {:ok, socket} = :gen_tcp.connect({127, 0, 0, 1}, port, [:binary, active: false])
    :ok = :gen_tcp.send(socket, text)
    :gen_tcp.shutdown(socket, :write)
    answer = all(socket, "")
    [head, body] = String.split(answer, "\r\n\r\n", parts: 2)
    [first | headers] = String.split(head, "\r\n")
    [_, status] = Regex.run(~r"^HTTP/1.1 (\d+) ", first)
    {String.to_integer(status), headers, body}
  end

  defp all(socket, seen) do
    case :gen_tcp.recv(socket, 0, 30_000) do
      {:ok, more} -> all(socket, seen <> more)
      {:error, :closed} -> seen
    end
  end

  defp get(port, path, headers \\ []), do: send_to(port, "GET #{path}", headers, "")

  defp send_to(port, what, headers, body) do
    lines = ["host: localhost:#{port}", "connection: close" | headers]
    lines = if body == "", do: lines, else: ["content-length: #{byte_size(body)}" | lines]
    ask(port, "#{what} HTTP/1.1\r\n#{Enum.map_join(lines, &"#{&1}\r\n")}\r\n#{body}")
  end

  # By Python, as what reads JSON.
  defp json(text, expression) do
    program = "import json, sys\nd = json.load(sys.stdin)\nprint(#{expression})"
    [line] = Program.lines!(program, input: text)
    line
  end

  @tag :slow
  test "who has the token sees what runs; who has not sees nothing" do
    {shop, port, token} = shop(3)
    bearer = ["authorization: Bearer #{token}"]

    assert {303, headers, ""} = get(port, "/?token=#{token}")
    assert "location: /" in headers
    ["set-cookie: " <> cookie] = Enum.filter(headers, &(&1 =~ "set-cookie"))
    assert cookie =~ ~r/^rebeam[0-9A-F]{8}=#{token}; HttpOnly; SameSite=Strict; Path=\/$/
    cookie = ["cookie: other=1; " <> hd(String.split(cookie, ";"))]

    assert {200, _, page} = get(port, "/", cookie)
    assert page =~ "<title>Re:BEAM</title>"
    assert {200, _, _} = get(port, "/dashboard.js", cookie)

    for {path, headers} <- [
          {"/", []},
          {"/?token=#{token}x", []},
          {"/api/overview", []},
          {"/api/overview", ["authorization: Bearer x#{token}"]},
          {"/metrics", []}
        ] do
      assert {401, _, text} = get(port, path, headers)
      assert text =~ "program's output"
    end

    # A name of somebody else's that leads here.
    assert {401, _, _} =
             ask(
               port,
               "GET / HTTP/1.1\r\nhost: evil.example\r\n#{hd(bearer)}\r\nconnection: close\r\n\r\n"
             )

    # What is shown may be half a second old.
    names = ~S|sorted(str(a["name"] or a["class"] or a["id"]) for a in d)|
    all = "['Item', 'Item', 'Item', 'left', 'main.py', 'open_shop', 'right', 'stock']"
    actors = fn -> elem(get(port, "/api/actors?limit=100&sort=messages", bearer), 2) end
    wait_until(fn -> json(actors.(), names) == all end)

    {200, _, found} = get(port, "/api/actors?search=STO", bearer)

    assert json(found, ~S|[(a["name"], a["class"], a["state"], a["messages"]) for a in d]|) ==
             "[('stock', 'Stock', 'idle', 0)]"

    {200, _, waits} = get(port, "/api/waits", bearer)

    assert json(
             waits,
             ~S|sorted((w["waiter"]["name"], w["target"]["name"], w["cycle"]) for w in d if w["cycle"])|
           ) ==
             "[('left', 'right', True), ('right', 'left', True)]"

    {200, _, crashes} = get(port, "/api/crashes", bearer)

    assert json(crashes, ~S|[(c["who"], c["reason"], c["subject"], c["count"]) for c in d]|) ==
             "[('stock', 'ValueError: no <b>4</b> left', 'take', 1)]"

    {200, _, tree} = get(port, "/api/tree?limit=2", bearer)

    assert json(
             tree,
             ~S|[(d[0]["id"], d[0]["count"], [(c["id"], c.get("count")) for c in d[0]["children"]])]|
           ) ==
             "[('shop', 5, [('Stock', None), ('Waits', None)])]"

    # What is below a supervisor that is not shown is in its tree all the same.
    assert json(tree, "[(e['id'], e['count']) for e in d]") == "[('shop', 5)]"

    {200, _, overview} = get(port, "/api/overview?since=0", bearer)

    assert json(
             overview,
             ~S|[d["info"]["actors"], d["info"]["crashes"], d["control"], d["samples"][-1]["actors"] > 0]|
           ) ==
             "[8, 1, False, True]"

    # On a busy machine Python may be late to say it.
    stack =
      wait_until(fn ->
        {200, _, stack} = get(port, "/api/stack?pid=left", bearer)
        stack =~ "Waits.wait" && stack
      end)

    assert json(stack, ~S|[(f["function"], f["line"]) for s in d["stacks"] for f in s["frames"]]|) ==
             "[('Waits.wait', #{Program.line("web/shop.py", "return call(for_whom")})]"

    assert {404, _, "no process is registered as \"nobody\"\n"} =
             get(port, "/api/stack?pid=nobody", bearer)

    assert {404, _, _} = get(port, "/api/nothing", bearer)
    assert {404, _, _} = get(port, "/../../etc/passwd", bearer)
    assert {403, _, text} = send_to(port, "POST /api/kill", ["x-rebeam: 1" | bearer], "pid=stock")
    assert text =~ "--dashboard-control"
    assert {143, ["stock ends: shutdown"]} = Running.stop(shop)
  end

  @tag :slow
  test "what is asked to end, ends, and its supervisor starts it again" do
    {shop, port, token} = shop(0, ["--dashboard-control"])
    bearer = ["authorization: Bearer #{token}"]
    act = &send_to(port, "POST /api/#{&1}", ["x-rebeam: 1" | bearer], &2)

    assert {403, _, "not from this page\n"} = send_to(port, "POST /api/stop", bearer, "pid=stock")
    assert {200, _, "true"} = act.("stop", "pid=stock")
    assert Running.line(shop, ~r/^stock ends/) == "stock ends: shutdown"

    for pid <- ["stock", "<0.1.0>", "<0.99999.0>", "nobody"] do
      {status, _, _} = act.("kill", URI.encode_query(%{pid: pid}))
      # The one that was asked to end may be on its way back.
      assert {pid, status} == {pid, 404} or pid == "stock"
    end

    assert {404, _, _} = act.("dance", "pid=stock")
    Running.stop(shop)
  end

  @tag :slow
  test "a message that is written on the page is sent, and what comes back is shown" do
    {shop, port, token} = shop(0, ["--dashboard-control"])
    bearer = ["authorization: Bearer #{token}"]

    send_message = fn kind, subject, text, headers ->
      body = URI.encode_query(%{pid: "stock", subject: subject, message: text})
      {status, _, answer} = send_to(port, "POST /api/#{kind}", headers, body)
      if status == 200, do: json(answer, ~S|(d["status"], d["shown"])|), else: {status, answer}
    end

    ours = ["x-rebeam: 1" | bearer]
    assert send_message.("call", "take", "3", ours) == "('ok', '3')"
    assert send_message.("cast", "take", " -1 ", ours) == "('sent', '')"

    assert send_message.("call", "pay", "{'a': (1, b'x')}", ours) ==
             ~S|('error', '"Stock handles no \'pay\' (it handles: take)"')|

    assert send_message.("call", "take", "open('x')", ours) ==
             {400,
              "ValueError: the message is a Python literal, such as 3, 'tea' or {'n': [1, 2]}, not \"open('x')\"\n"}

    down = send_message.("call", "take", "4", ours)
    assert down =~ ~r/^\('down', 'Traceback.*ValueError: no <b>4<.b> left/
    assert send_message.("call", "take", "3", bearer) == {403, "not from this page\n"}
    assert {401, _} = send_message.("call", "take", "3", ["x-rebeam: 1"])
    body = URI.encode_query(%{pid: "nobody", subject: "take", message: ""})
    assert {404, _, _} = send_to(port, "POST /api/call", ours, body)
    Running.stop(shop)
  end

  @tag :slow
  test "requests that are none are refused, and nothing is lost by them" do
    {shop, port, token} = shop(0)
    line = "GET /health HTTP/1.1\r\n"

    for {text, status} <- [
          {"nonsense\r\n\r\n", 400},
          {"GET http://other/ HTTP/1.1\r\n\r\n", 400},
          {line <> "broken\r\n\r\n", 400},
          {line <> "content-length: x\r\n\r\n", 400},
          {line <> "content-length: -1\r\n\r\n", 400},
          {line <> "content-length: 99999999\r\n\r\n", 413},
          {line <> "transfer-encoding: chunked\r\n\r\n0\r\n\r\n", 501},
          {line <> String.duplicate("x: y\r\n", 200) <> "\r\n", 431}
        ] do
      assert {text, elem(ask(port, text), 0)} == {text, status}
    end

    # Nothing, half a request, and two at once.
    {:ok, silent} = :gen_tcp.connect({127, 0, 0, 1}, port, [])
    {:ok, half} = :gen_tcp.connect({127, 0, 0, 1}, port, [:binary, active: false])
    :ok = :gen_tcp.send(half, "GET /health HT")

    assert {200, _, "ok\nHTTP/1.1 200 OK" <> _} =
             ask(port, line <> "\r\n" <> line <> "connection: close\r\n\r\n")

    :ok = :gen_tcp.send(half, "TP/1.0\r\n\r\n")
    assert all(half, "") =~ ~r"^HTTP/1.1 200 OK\r\n.*ok\n$"s
    :gen_tcp.close(silent)

    assert {200, headers, ""} = send_to(port, "HEAD /health", [], "")
    assert "content-length: 3" in headers
    assert {405, _, _} = send_to(port, "DELETE /", ["authorization: Bearer #{token}"], "")
    Running.stop(shop)
  end

  @tag :slow
  test "a hundred connections at a time; who comes then is let in later" do
    {shop, port, _} = shop(0)
    many = for _ <- 1..100, do: elem(:gen_tcp.connect({127, 0, 0, 1}, port, []), 1)
    # All are accepted before the next one is.
    {:ok, one_more} = :gen_tcp.connect({127, 0, 0, 1}, port, [:binary, active: false])
    assert {:error, _} = :gen_tcp.recv(one_more, 0, 30_000)
    for each <- many, do: :gen_tcp.close(each)
    wait_until(fn -> match?({200, _, _}, get_or_nil(port)) end)
    Running.stop(shop)
  end

  defp get_or_nil(port) do
    get(port, "/health")
  rescue
    MatchError -> nil
  end

  @tag :slow
  test "a port that is taken, and what is none, end the program with a word" do
    {:ok, taken} = :gen_tcp.listen(0, ip: {127, 0, 0, 1})
    {:ok, port} = :inet.port(taken)

    for {options, text} <- [
          {["--dashboard", "#{port}"],
           "--dashboard: cannot listen on port #{port} of 127.0.0.1: it is taken"},
          {["--metrics", "#{port}"],
           "--metrics: cannot listen on port #{port} of 127.0.0.1: it is taken"},
          {["--dashboard=70000"],
           "--dashboard is a port, a number up to 65535 (0: any), not \"70000\""},
          {["--metrics", "nohost.invalid:1"],
           "--metrics is [HOST:]PORT, not \"nohost.invalid:1\": there is no such host"},
          {["--metrics", "127.0.0.1:"],
           "--metrics is [HOST:]PORT, not \"127.0.0.1:\": an address is PORT or HOST:PORT"}
        ] do
      result = Program.run("print('ran')", options: options)
      assert {result.status > 0, result.out, result.err} == {true, "", "rebeam: #{text}\n"}
    end
  end

  @tag :slow
  test "metrics and health, for machines" do
    shop =
      Running.start(@program, args: ["0"], options: ["--metrics", "0"], until: ~r/^metrics: /)

    [_, port] = Regex.run(~r"^metrics: http://127\.0\.0\.1:(\d+)/metrics$", shop.first)
    port = String.to_integer(port)
    Running.line(shop, ~r/^ready$/)
    assert {200, headers, _} = get(port, "/metrics")
    assert "content-type: text/plain; version=0.0.4; charset=utf-8" in headers
    # What is shown may be half a second old.
    messages = ~r/^rebeam_messages_total\{class="Stock",unit="shared"\} [1-9][0-9]*$/m

    text =
      wait_until(fn ->
        {200, _, text} = get(port, "/metrics")
        text =~ messages && text
      end)

    assert text =~ ~r/^# TYPE rebeam_messages_total counter$/m
    assert text =~ ~r/^rebeam_actors\{class="Waits",unit="shared"\} 2$/m
    assert text =~ ~r/^rebeam_crashes_total 1$/m

    for line <- String.split(text, "\n", trim: true) do
      assert line =~
               ~r/^(# (HELP|TYPE) rebeam_\w+ .+|rebeam_\w+(\{(\w+="[^"]*",?)+\})? [0-9.e+-]+)$/
    end

    assert {200, _, json} = get(port, "/metrics.json")
    assert json(json, "len(d) > 0") == "True"
    assert {200, _, "ok\n"} = get(port, "/health")
    assert {200, _, "ready\n"} = get(port, "/ready")
    assert {404, _, _} = get(port, "/")
    Running.stop(shop)
  end

  test "addresses" do
    assert Rebeam.Web.address("9568") == {:ok, {{127, 0, 0, 1}, 9568}}
    assert Rebeam.Web.address("0.0.0.0:80") == {:ok, {{0, 0, 0, 0}, 80}}
    assert Rebeam.Web.address("[::1]:80") == {:ok, {{0, 0, 0, 0, 0, 0, 0, 1}, 80}}
    assert Rebeam.Web.address("no such host:1") == {:error, "there is no such host"}

    for wrong <- ["x", "", "1:x", "65536"],
        do: assert({:error, "an address is PORT or HOST:PORT"} = Rebeam.Web.address(wrong))

    for {options, text} <- [
          {[dashboard: "0.0.0.0:1"], ~r/on a loopback address, not 0.0.0.0/},
          {[metrics: "here"], ~r/"here": an address is PORT or HOST:PORT/}
        ],
        do: assert_raise(ArgumentError, text, fn -> Rebeam.Web.init(options) end)
  end

  # ---- in a browser ------------------------------------------------------------------------

  @chromium System.find_executable("chromium")
  @no_browser if @chromium == nil, do: "there is no chromium here (CONTRIBUTING.md)"
  if @no_browser, do: IO.puts("Skipped: pages in a browser, as " <> @no_browser)

  # The sanitizers are for the VM.
  @own [{"LD_PRELOAD", nil}]

  # What the page shows a while after it was loaded.
  defp seen(port, token, tab) do
    folder = Program.folder()

    {dom, 0} =
      System.cmd(
        @chromium,
        ~w(--headless --no-sandbox --disable-gpu --user-data-dir=#{folder} --dump-dom) ++
          ["--virtual-time-budget=5000", "http://127.0.0.1:#{port}/?token=#{token}##{tab}"],
        stderr_to_stdout: true,
        env: @own
      )

    dom
  end

  for count <- [100, 100_000] do
    @tag if(count > 1000, do: :large, else: :slow)
    @tag skip: @no_browser
    test "#{count} actors in a real browser" do
      {shop, port, token} = shop(unquote(count))
      page = seen(port, token, "actors")

      assert page =~
               ~r/<span>actors<\/span><b>#{if unquote(count) > 1000, do: "100k", else: "105"}<\/b>/

      assert length(Regex.scan(~r/<tr data-pid=/, page)) == 50
      page = seen(port, token, "tree")
      assert page =~ ~r/<b>shop<\/b>/

      assert page =~
               ~r/<b>items<\/b>.*dynamic #{if unquote(count) > 1000, do: "100k", else: "100"} children/s

      page = seen(port, token, "crashes")
      assert page =~ "ValueError: no &lt;b&gt;4&lt;/b&gt; left"
      assert seen(port, token, "waits") =~ "in a cycle"
      # One actor; a message can be written to it if that was asked for.
      page = seen(port, token, "actors:stock")
      assert page =~ ~r/<h2>stock<button/
      assert page =~ ~r/<form id="message"[^>]* hidden/
      Running.stop(shop, "KILL")
    end
  end

  # What the steps show (test/support/browser.py), line by line.
  defp browse(port, token, tab, steps) do
    page = "http://127.0.0.1:#{port}/?token=#{token}##{tab}"
    words = [Path.expand("../support/browser.py", __DIR__), @chromium, page | steps]

    {out, status} =
      System.cmd(Program.python().executable, words, stderr_to_stdout: true, env: @own)

    assert status == 0, out
    String.split(out, "\n", trim: true)
  end

  @tag :slow
  @tag skip: @no_browser
  test "what is typed on the page is sent; its buttons end an actor, which starts again" do
    {shop, port, token} = shop(0, ["--dashboard-control"])
    reply = ~s|document.querySelector("#reply").textContent|
    facts = ~s|document.querySelector("#facts").innerText|

    told =
      browse(port, token, "actors:stock", [
        "click #subject",
        "type take",
        "click #literal",
        "type 3",
        "press Enter",
        ~s|wait #{reply}.startsWith("ok")|,
        "show #{reply}",
        ~s|show document.querySelector("#literal").select()|,
        "type open('x')",
        "click #message button",
        ~s|wait #{reply}.includes("Error")|,
        "show #{reply}",
        ~s|show document.querySelector("#kind").focus()|,
        "press ArrowDown",
        ~s|show document.querySelector("#literal").select()|,
        "type 2",
        "click #message button",
        ~s|wait #{reply} == "sent"|,
        "click #facts p button",
        ~s|wait #{facts}.includes("it was asked to end")|,
        "click #facts p button:nth-of-type(2)",
        ~s|wait #{facts}.includes("it was killed")|,
        ~s|wait !#{facts}.includes("It has ended")|,
        "press Escape",
        "type /sto",
        ~s|wait document.querySelectorAll("tr[data-pid]").length == 1|,
        ~s|show document.querySelector("tr[data-pid] td").textContent|
      ])

    assert ["ok: 3", "None", "ValueError: the message is a Python literal" <> _ | rest] = told
    assert rest == ["None", "None", "stock"]
    assert Running.line(shop, ~r/^stock ends: shut/) == "stock ends: shutdown"
    Running.stop(shop, "KILL")
  end

  @tag :slow
  @tag skip: @no_browser
  test "the page has a form for messages where it may act" do
    {shop, port, token} = shop(0, ["--dashboard-control"])
    page = seen(port, token, "actors:stock")
    assert page =~ ~r/<h2>stock<button/
    assert [form] = Regex.run(~r/<form id="message"[^>]*>/, page)
    refute form =~ "hidden"
    Running.stop(shop, "KILL")
  end
end

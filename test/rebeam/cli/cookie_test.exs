defmodule Rebeam.CLI.CookieTest do
  # The secret that nodes share: where it comes from, and who can read it.
  use ExUnit.Case, async: true

  alias Rebeam.{Program, Units.Address}
  alias Rebeam.CLI.{CommandLine, Cookie}

  @program "cli/cookie/what_others_see.py"
  @cookie "a-cookie-of-the-tests"
  @warning "rebeam: --cookie shows the cookie to every user of this host: " <>
             "use --cookie-file or the variable REBEAM_COOKIE\n"

  setup_all do
    {:ok, host} = :inet.gethostname()
    {:ok, {a, b, c, d}} = :inet.getaddr(host, :inet)
    # As /proc/net/tcp writes it.
    %{host: host, address: Base.encode16(<<d, c, b, a>>)}
  end

  defp run(options, settings) do
    env = [{"SHOWN", @cookie}, {"REBEAM_COOKIE", nil}]
    env = Enum.uniq_by((settings[:env] || []) ++ env, &elem(&1, 0))
    settings = [via: :mix, options: options, env: env, args: settings[:args] || []]
    result = Program.run(@program, settings)
    assert result.status == 0, result.err
    {String.split(result.out, "\n", trim: true), result.err}
  end

  for {way, options, env, err} <- [
        {"REBEAM_COOKIE", [], [{"REBEAM_COOKIE", @cookie}], ""},
        {"--cookie", ["--cookie", @cookie], [], @warning},
        {"--cookie=", ["--cookie=" <> @cookie], [{"REBEAM_COOKIE", "other"}], @warning}
      ] do
    @tag :slow
    test "#{way}: it holds, and no command line shows it", %{host: host, address: address} do
      name = "rebeam-#{System.pid()}-#{System.unique_integer([:positive])}"
      options = ["--log-level", "none", "--sname", name | unquote(options)]

      {lines, err} = run(options, env: unquote(env), args: ["#{name}@#{host}"])
      assert {lines, err} == {["True [] #{address}", "pong pang"], unquote(err)}
    end
  end

  @tag :slow
  test "a file, also after a restart", %{host: host} do
    folder = Program.folder(%{"cookie" => @cookie <> "\n"})
    file = Path.join(folder, "cookie")
    File.chmod!(file, 0o600)
    name = "rebeam-#{System.pid()}-file"
    options = ["--cookie-file", file, "--listen", "0.0.0.0", "--restart", "on-failure"]
    options = ["--log-level", "none", "--sname", name | options]

    assert run(options, args: ["#{name}@#{host}", "again"]) ==
             {["True [] 00000000", "pong pang"], "rebeam: ended with status 3, restarting\n"}
  end

  @tag :slow
  test "where Erlang has it", %{host: host, address: address} do
    home = Program.folder(%{".erlang.cookie" => @cookie})
    File.chmod!(Path.join(home, ".erlang.cookie"), 0o400)
    name = "rebeam-#{System.pid()}-home"
    options = ["--log-level", "none", "--sname", name]

    assert run(options, env: [{"HOME", home}], args: ["#{name}@#{host}"]) ==
             {["True [] #{address}", "pong pang"], ""}
  end

  @tag :slow
  test "by TLS, too, a node and its units listen on the address of its host name alone",
       %{address: address} do
    cert = Path.join(Program.folder(), "cert")
    assert %{status: 0} = Program.run({:words, ["cert", cert]}, own: true)
    name = "rebeam-#{System.pid()}-tls"
    options = ["--log-level", "none", "--sname", name, "--tls", cert]
    assert run(options, env: [{"REBEAM_COOKIE", @cookie}]) == {["True [] #{address}"], ""}
  end

  @tag :slow
  test "without a name nobody is listened to, and units are on the loopback interface" do
    assert run([], []) == {["True [] 0100007F"], ""}
  end

  defp options(argv) do
    {:run, options} = CommandLine.read(argv ++ [__ENV__.file])
    options
  end

  test "a file that others can read, an empty one, and none are refused" do
    folder =
      Program.folder(%{"open" => "x", "empty" => "\n", "long" => String.duplicate("x", 256)})

    file = &Path.join(folder, &1)
    read = &Cookie.read(options(["--cookie-file", file.(&1)]))
    File.chmod!(file.("open"), 0o640)
    for name <- ["empty", "long"], do: File.chmod!(file.(name), 0o600)

    assert read.("open") ==
             {:error,
              "--cookie-file #{file.("open")}: others can read it (chmod 600 #{file.("open")})"}

    assert read.("empty") == {:error, "--cookie-file #{file.("empty")}: it is empty"}
    assert {:error, text} = read.("long")
    assert text =~ "at most 255 characters"
    assert {:error, text} = read.("none")
    assert text =~ "no such file"
    File.chmod!(file.("open"), 0o400)
    assert read.("open") == {:ok, :x}
  end

  test "the flags of the next VM show no cookie" do
    own = options(["--sname", "a", "--cookie", @cookie])
    assert own.argv == ["--sname", "a", __ENV__.file]

    assert options(["--cookie=" <> @cookie, "--workers", "2"]).argv == [
             "--workers",
             "2",
             __ENV__.file
           ]

    assert ["-setcookie", random] = Address.flags(:own_cookie)
    assert ["-setcookie", other] = Address.flags(:own_cookie)
    assert random != other
  end

  @tag :slow
  test "what cannot be is said in a line" do
    for {options, said} <- [
          {["--sname", "a b@c d"], ~s(--sname is a node's name, NAME@HOST, not "a b@c d")},
          {["--sname", "x", "--listen", "here"],
           ~s(--listen is the address of an interface, not "here")}
        ] do
      result = Program.run("", via: :mix, options: ["--log-level", "none" | options])
      assert %{status: 2, out: ""} = result
      assert result.err =~ "rebeam: " <> said
    end
  end

  @tag :slow
  test "what OTP reports of a name that cannot be is for who looks for faults" do
    run = fn options -> Program.run("", via: :mix, options: options ++ ["--sname", "a@b.c"]) end
    said = "rebeam: a@b.c cannot be this node's name: is it taken, or not valid?\n"
    assert %{status: 2, out: "", err: ^said} = run.([])
    assert run.(["--log-level", "debug"]).err =~ "net_kernel"
  end
end

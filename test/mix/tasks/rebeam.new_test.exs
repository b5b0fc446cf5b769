defmodule Mix.Tasks.Rebeam.NewTest do
  # An Elixir application from nothing: made, tested, released, and run with all that made it gone.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # What a package of this project has in it.
  @files ~w(c_src lib priv python mix.exs Makefile)

  # Neither compilers nor Mix: what a release needs, and no more.
  defp bare_path do
    folder = Program.folder()

    for tool <-
          ~w(sh sed awk cat basename dirname readlink uname env grep cut tr mkdir rm ps epmd),
        path = System.find_executable(tool),
        do: File.ln_s!(path, Path.join(folder, tool))

    folder
  end

  @tag :large
  @tag timeout: 600_000
  test "made, tested, released; the release runs without sources and compilers" do
    folder = Program.folder()
    rebeam = Path.join(folder, "rebeam")
    File.mkdir_p!(rebeam)
    for each <- @files, do: File.cp_r!(each, Path.join(rebeam, each))

    mix = fn arguments, cd, env ->
      python = {"REBEAM_PYTHON", Program.python().executable}
      System.cmd("mix", arguments, cd: cd, env: [python | env], stderr_to_stdout: true)
    end

    assert {_, 0} = mix.(["compile"], rebeam, [{"MIX_ENV", "dev"}])
    shop = Path.join(folder, "shop")
    assert {out, 0} = mix.(["rebeam.new", shop], rebeam, [{"MIX_ENV", "dev"}])
    assert out =~ "#{shop} is there."
    assert {out, 0} = mix.(["test"], shop, [{"MIX_ENV", nil}])
    assert out =~ "1 test, 0 failures"
    assert {_, 0} = mix.(["format", "--check-formatted"], shop, [])

    assert {out, 0} = mix.(["release", "--quiet"], shop, [{"MIX_ENV", "prod"}])
    refute out =~ "warning"
    release = Path.join(folder, "release")
    File.rename!(Path.join(shop, "_build/prod/rel/shop"), release)
    File.rm_rf!(shop)
    File.rm_rf!(rebeam)

    command = [Path.join(release, "bin/shop"), "eval"]
    code = "{:ok, _} = Application.ensure_all_started(:shop); IO.inspect(Shop.add(2))"
    env = [{"PATH", bare_path()}, {"REBEAM_PYTHON", Program.python().executable}]
    assert {"{:ok, 42}\n", 0} = System.cmd(hd(command), tl(command) ++ [code], env: env)
  end

  test "what is no name is refused" do
    assert_raise Mix.Error, ~r/"No" is no name for a project/, fn ->
      Mix.Tasks.Rebeam.New.run([Path.join(System.tmp_dir!(), "No")])
    end

    assert_raise Mix.Error, ~r/takes the name of a folder/, fn -> Mix.Tasks.Rebeam.New.run([]) end
  end
end

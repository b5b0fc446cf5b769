defmodule Rebeam.PrecompiledTest do
  # Native libraries that somebody has compiled (c_src/precompiled.exs).
  use ExUnit.Case, async: false

  alias Rebeam.{Precompiled, Program}

  @project [version: "1.2.3", make_precompiler_url: nil]

  # A package whose checksum.exs is that of the bytes, and a folder that has the file.
  defp package(bytes, served) do
    name = Precompiled.file("1.2.3")
    sum = Base.encode16(:crypto.hash(:sha256, bytes), case: :lower)
    checksums = ~s(%{\n  "#{name}" => "sha256:#{sum}",\n}\n)
    folder = Program.folder(%{"package/checksum.exs" => checksums, "files/#{name}" => served})
    {Path.join(folder, "package"), Path.join(folder, "files")}
  end

  # What tar makes of one library.
  defp archive(text) do
    path = Path.join(Program.folder(), "archive")
    :ok = :erl_tar.create(String.to_charlist(path), [{~c"rebeam.so", text}], [:compressed])
    File.read!(path)
  end

  defp fetch(package, url) do
    project = Keyword.put(@project, :make_precompiler_url, url && url <> "/@{artefact_filename}")
    Precompiled.fetch(package, Path.join(package, "priv"), project)
  end

  test "are named as elixir_make and cc_precompiler do" do
    assert Precompiled.file("1.2.3") =~
             ~r/^rebeam-nif-2\.16-[a-z0-9_]+-linux-(gnu|musl)\w*-1\.2\.3\.tar\.gz$/
  end

  test "are taken where the package names them" do
    {package, files} = package(archive("so"), archive("so"))
    assert :ok = fetch(package, files)
    assert File.read!(Path.join(package, "priv/rebeam.so")) == "so"
  end

  test "are compiled where it does not, or where there is none" do
    {package, files} = package(archive("so"), archive("so"))
    assert :none = fetch(package, nil)
    assert {:error, text} = fetch(package, "/nowhere")
    assert text =~ "/nowhere/rebeam-nif-2.16-"
    assert text =~ "cannot be read: no such file or directory"
    File.rm!(Path.join(package, "checksum.exs"))
    assert :none = fetch(package, files)
    refute File.exists?(Path.join(package, "priv"))
  end

  test "are refused with another checksum" do
    {package, files} = package(archive("so"), archive("other"))
    assert {:refused, text} = fetch(package, files)
    assert text =~ "does not have the checksum of this package, and is not taken: sha256:"
    refute File.exists?(Path.join(package, "priv"))
  end

  test "are fetched from a server, once" do
    {package, files} = package(archive("so"), archive("so"))
    # Mix takes what a project does not name out of the code path.
    if function_exported?(Mix, :ensure_application!, 1),
      do: apply(Mix, :ensure_application!, [:inets])

    {:ok, _} = Application.ensure_all_started(:inets)
    options = [port: 0, bind_address: ~c"127.0.0.1", server_name: ~c"files"]
    folders = [server_root: to_charlist(files), document_root: to_charlist(files)]
    {:ok, server} = :inets.start(:httpd, options ++ folders)
    [port: port] = :httpd.info(server, [:port])

    cache = Path.join(Path.dirname(files), "cache")
    System.put_env("ELIXIR_MAKE_CACHE_DIR", cache)
    on_exit(fn -> System.delete_env("ELIXIR_MAKE_CACHE_DIR") end)
    url = "http://127.0.0.1:#{port}"

    ExUnit.CaptureIO.capture_io(fn ->
      assert {:error, text} = fetch(package, url <> "/none")
      assert text =~ "cannot be fetched: status 404"
      assert :ok = fetch(package, url)
    end)

    :ok = :inets.stop(:httpd, server)
    assert File.ls!(cache) == [Precompiled.file("1.2.3")]
    assert :ok = fetch(package, url)
    # What lies there is checked as well.
    File.write!(Path.join(cache, Precompiled.file("1.2.3")), archive("other"))
    assert {:refused, _} = fetch(package, url)
  end
end

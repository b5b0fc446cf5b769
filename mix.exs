Code.require_file("c_src/mix_compiler.exs", __DIR__)

defmodule Rebeam.MixProject do
  use Mix.Project

  @version "0.1.0"

  def project do
    [
      app: :rebeam,
      version: @version,
      elixir: "~> 1.14",
      description: "Python actors on the BEAM: supervised, distributed, written in Python alone",
      package: package(),
      # Where releases have the libraries that are compiled already (c_src/precompiled.exs), with
      # @{artefact_filename} in it. None is published yet: REBEAM_PRECOMPILED names a place.
      make_precompiler_url: nil,
      docs: &docs/0,
      releases: releases(),
      start_permanent: Mix.env() == :prod,
      elixirc_paths: elixirc_paths(Mix.env()),
      # First, because modules with NIFs load the library as soon as they are compiled.
      compilers: [:rebeam_native] ++ Mix.compilers(),
      # What lies beside the tests is none of them: newer Mix wants to be told.
      test_ignore_filters: [&(not String.ends_with?(&1, "_test.exs"))],
      deps: deps()
    ] ++ elsewhere()
  end

  # Of OTP; started by who needs them. Newer Mix has another word for that.
  defp elsewhere do
    applications = [:crypto, :public_key, :ssl]

    if Version.match?(System.version(), ">= 1.19.0"),
      do: [elixirc_options: [no_warn_undefined: applications]],
      else: [xref: [exclude: applications]]
  end

  # None to build and to test it. In a project that has Kino, Rebeam.Livebook is compiled with it.
  defp deps do
    if Mix.Project.get() != nil and Code.ensure_loaded?(Hex),
      do: [{:kino, ">= 0.19.0", optional: true}],
      else: []
  end

  def application do
    [extra_applications: [:logger], mod: {Rebeam.Application, []}]
  end

  defp elixirc_paths(:test), do: ["lib", "test/support"]
  defp elixirc_paths(_), do: ["lib"]

  # What .ci/release completes. A program that talks to other nodes by TLS starts OTP's part itself, and
  # `rebeam remote --elixir` has it start IEx.
  defp releases do
    [
      rebeam: [
        include_executables_for: [],
        strip_beams: true,
        runtime_config_path: false,
        applications: [ssl: :load, public_key: :load, asn1: :load, crypto: :load, iex: :load]
      ]
    ]
  end

  # For ex_doc, where somebody has it: the guides in the order and in the groups of their index.
  defp docs do
    index = "priv/guides/index.md" |> File.read!() |> String.split("\n## ") |> tl()

    groups =
      for part <- index, [title | lines] = String.split(part, "\n") do
        files =
          for line <- lines,
              [_, file] <- [Regex.run(~r/^- .*?\]\(([\w-]+\.md)\)/, line)],
              do: file

        {title, Enum.map(files, &("priv/guides/" <> &1))}
      end

    guides = Enum.flat_map(groups, &elem(&1, 1))
    pages = ["README.md", "priv/guides/index.md" | guides] ++ ["CHANGELOG.md", "CONTRIBUTING.md"]
    [main: "readme", extras: pages, groups_for_extras: groups]
  end

  defp package do
    [
      licenses: ["Apache-2.0"],
      links: %{"Changelog" => "https://hexdocs.pm/rebeam/changelog.html"},
      files:
        ~w(c_src lib priv/dashboard priv/guides priv/livebook priv/new python/rebeam mix.exs Makefile README.md) ++
          ~w(CONTRIBUTING.md CHANGELOG.md LICENSE) ++ Path.wildcard("checksum.exs")
    ]
  end
end

defmodule Rebeam.Release do
  @moduledoc false
  # The release that `make release` makes of this clone, made once for a run of the tests.

  import ExUnit.Assertions

  @root Path.expand("../..", __DIR__)
  @folder Path.join(@root, "build/release/rebeam")

  @doc "Its folder."
  @spec folder :: Path.t()
  def folder do
    :global.trans({__MODULE__, self()}, fn ->
      unless :persistent_term.get(__MODULE__, false), do: make()
      :persistent_term.put(__MODULE__, true)
    end)

    @folder
  end

  defp make do
    {text, status} =
      System.cmd(Path.join(@root, ".ci/release"), [],
        stderr_to_stdout: true,
        env: [{"MAKEFLAGS", nil}, {"MAKELEVEL", nil}]
      )

    assert status == 0, text
  end

  @doc "A copy of it, as somebody might put it anywhere."
  @spec copy(Path.t()) :: Path.t()
  def copy(place) do
    File.mkdir_p!(Path.dirname(place))
    {"", 0} = System.cmd("cp", ["-r", folder(), place], stderr_to_stdout: true)
    place
  end

  @doc "Runs a command as a shell with nothing but the given variables would."
  @spec run([String.t()], keyword) :: {String.t(), non_neg_integer}
  def run([command | arguments], options \\ []) do
    variables = for {name, value} <- options[:env] || [], do: "#{name}=#{value}"

    System.cmd("env", ["-i", "PATH=/usr/bin:/bin" | variables] ++ [command | arguments],
      stderr_to_stdout: true,
      cd: options[:cd] || "/"
    )
  end
end

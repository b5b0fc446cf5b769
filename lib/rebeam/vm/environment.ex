defmodule Rebeam.VM.Environment do
  @moduledoc false
  # The script's environment is the shell's: what starting a VM added to it goes
  # away before Python reads it. The VM itself keeps a copy of its own.

  alias Rebeam.Loader

  @added ~w(ROOTDIR BINDIR EMU PROGNAME)
  # Of the launcher alone: elsewhere it is the user's, if it is there.
  @dumps "ERL_CRASH_DUMP_SECONDS"
  # Where the launcher keeps the user's own of that name (c_src/launcher/command.c).
  @own "REBEAM_OWN_"

  @doc "Takes the VM's variables, and its folders on PATH, out of the environment."
  @spec restore :: :ok
  def restore do
    path = System.get_env("PATH")
    # That of somebody who has none is now all of the VM.
    own = with "" when path != "" <- path && without_erts(path), do: nil
    Loader.set_env("PATH", own)

    for name <- @added do
      Loader.set_env(name, System.get_env(@own <> name))
      Loader.set_env(@own <> name, nil)
    end

    if System.get_env(@own <> @dumps), do: Loader.set_env(@dumps, nil)
    Loader.set_env(@own <> @dumps, nil)
  end

  @doc "Puts back what starting another VM needs."
  @spec prepare_start :: :ok
  def prepare_start do
    for name <- [@dumps | @added],
        each <- [name, @own <> name],
        do: Loader.set_env(each, System.get_env(each))

    :ok
  end

  @doc """
  The variables with flags for every VM, for one more beside this one: a name or a configuration
  is this one's alone, what is set of the emulator is for both.
  """
  @spec flags :: [{charlist, charlist}]
  def flags do
    for name <- ~w(ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS), value = System.get_env(name) do
      {String.to_charlist(name), value |> of_emulator() |> String.to_charlist()}
    end
  end

  @doc false
  def of_emulator(text),
    do: ~r/(?<!\S)\+\S+(\s+[^-+\s]\S*)*/ |> Regex.scan(text) |> Enum.map_join(" ", &hd/1)

  @doc false
  def without_erts(path) do
    folders = [System.get_env("BINDIR"), Path.join(:code.root_dir(), "bin")]
    path |> String.split(":") |> strip(folders) |> Enum.join(":")
  end

  # Only in front, where erlexec put them: elsewhere they are the user's.
  defp strip([folder | rest], folders) do
    if folder in folders, do: strip(rest, folders), else: [folder | rest]
  end

  defp strip([], _folders), do: []
end

defmodule Rebeam.VM.Environment do
  @moduledoc false
  # The script's environment is the shell's: what starting a VM added to it goes
  # away before Python reads it. The VM itself keeps a copy of its own.

  alias Rebeam.Loader

  @added ~w(ROOTDIR BINDIR EMU PROGNAME)

  @doc "Takes the VM's variables, and its folders on PATH, out of the environment."
  @spec restore :: :ok
  def restore do
    System.get_env("PATH", "") |> without_erts() |> then(&Loader.set_env("PATH", &1))
    Enum.each(@added, &Loader.set_env(&1, nil))
  end

  @doc "Puts back what starting another VM needs."
  @spec prepare_start :: :ok
  def prepare_start, do: Enum.each(@added, &Loader.set_env(&1, System.get_env(&1)))

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

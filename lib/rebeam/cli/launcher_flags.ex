defmodule Rebeam.CLI.LauncherFlags do
  @moduledoc false
  # The command `rebeam` of a release (c_src/launcher): it starts the VM without a shell, with
  # flags that it reads from a file.

  alias Rebeam.CLI.Handover
  alias Rebeam.VM

  @doc """
  The text of that file, for a release of this version: one word a line, first the emulator's
  own flags, then an empty line and those of the runtime system. `@` stands for the release.
  """
  @spec flags(String.t()) :: iodata
  def flags(version) do
    folder = "@/releases/" <> version
    start = %{arguments: [], applications: [:rebeam], code: [folder <> "/consolidated"]}

    {emulator, runtime} = Enum.split(Handover.flags(start), length(VM.emulator_flags()))
    lines(Enum.map(emulator, &own/1) ++ [""] ++ boot(folder) ++ Enum.flat_map(runtime, &whole/1))
  end

  # Without -mode, modules are loaded when they are called, which is sooner than all at once.
  defp boot(folder), do: ["-boot", folder <> "/start_clean", "-boot_var", "RELEASE_LIB", "@/lib"]

  # What erlexec makes of flags on its way to the emulator.
  defp own("+" <> flag), do: "-" <> flag
  defp own(value), do: value

  defp whole("-noinput"), do: ["-noshell", "-noinput"]
  defp whole(word), do: [word]

  defp lines(words), do: Enum.map(words, &[&1, ?\n])
end

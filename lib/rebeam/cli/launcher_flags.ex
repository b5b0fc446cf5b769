defmodule Rebeam.CLI.LauncherFlags do
  @moduledoc false
  # The command `rebeam` of a release (c_src/launcher): it starts the VM without a shell, with
  # flags that it reads from a file.

  alias Rebeam.CLI.Handover
  alias Rebeam.Units.Address
  alias Rebeam.VM

  @early :rebeam_early

  @doc "The flag that only a VM has which the launcher starts."
  @spec early :: atom
  def early, do: @early

  @doc """
  The text of that file, for a release of this version: one word a line, first the emulator's
  own flags, then an empty line and those of the runtime system. `@` stands for the release.
  """
  @spec flags(String.t()) :: iodata
  def flags(version) do
    emulator = Enum.map(VM.emulator_flags(), &own/1)

    runtime =
      boot("@/releases/" <> version) ++
        ["-noshell", "-noinput", "-#{@early}"] ++ Address.flags()

    Enum.map(emulator ++ [""] ++ runtime ++ Handover.entry(), &[&1, ?\n])
  end

  # Without -mode, modules are loaded when they are called, which is sooner than all at once. What
  # else a VM of ours is told, the boot script has (.ci/boot-script).
  defp boot(folder), do: ["-boot", folder <> "/start_clean", "-boot_var", "RELEASE_LIB", "@/lib"]

  # What erlexec makes of flags on its way to the emulator.
  defp own("+" <> flag), do: "-" <> flag
  defp own(value), do: value
end

# Writes what runs a program in the VM that `mix rebeam.run` becomes, without the second that Mix takes.

alias Rebeam.CLI.Handover

command = [Rebeam.VM.program() | Handover.flags(%{arguments: [], applications: [:rebeam]})]
quoted = fn text -> "'" <> String.replace(to_string(text), "'", "'\\''") <> "'" end

variables =
  for name <- ~w(BINDIR ROOTDIR EMU PROGNAME), do: "#{name}=#{quoted.(System.get_env(name))}"

[path] = System.argv()
File.mkdir_p!(Path.dirname(path))

File.write!(path, [
  "#!/bin/sh\nexport #{Enum.join(variables, " ")}\n",
  "exec #{Enum.map_join(command, " ", quoted)} \"$@\"\n"
])

File.chmod!(path, 0o755)

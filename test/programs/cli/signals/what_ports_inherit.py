"""The VM's port spawner blocks no signal, and nothing of how the VM was started is seen."""

import os


def port_spawner():
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/status") as file:
                    fields = dict(line.rstrip("\n").split(":\t", 1) for line in file)
            except OSError:
                continue
            if fields["PPid"] == str(os.getpid()) and fields["Name"].startswith("erl_child"):
                return fields


print(int(port_spawner()["SigBlk"], 16), os.environ.get("LD_PRELOAD"))

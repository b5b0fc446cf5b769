import os
import subprocess
import sys

print(
    subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, text=True)
)
print(
    subprocess.check_output(
        [sys.executable, "-c", "import sys; print(sys.argv, sys.path[0] == '')", "x"]
    )
)
child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(child.communicate(b"through cat"), child.returncode)
print(os.system("exit 4"), os.popen("echo popen").read(), end="", flush=True)
child = subprocess.Popen(["sleep", "100"])
child.terminate()
print(child.wait())
mask = "import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, []))"
print(subprocess.check_output([sys.executable, "-c", mask]))
ignored = """
import signal
print(sorted(n for n in signal.valid_signals() if signal.getsignal(n) == signal.SIG_IGN))
"""
print(subprocess.check_output([sys.executable, "-c", ignored]))
fds = "import os; print(sorted(os.listdir('/proc/self/fd')))"
print(subprocess.check_output([sys.executable, "-c", fds], close_fds=False))
print(subprocess.run("cat", input="", text=True, shell=True).returncode, os.getppid() > 0)

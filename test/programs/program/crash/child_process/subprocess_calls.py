import os
import subprocess

from doer import Doer, deed, deeds, everywhere, no_children

from rebeam import run_register_process

run_register_process(Doer)


@deed
def output():
    done = subprocess.run(
        ["sh", "-c", "cat; echo err >&2; exit 3"], input="in", capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


@deed
def check():
    try:
        subprocess.run(["sh", "-c", "kill -9 $$"], check=True)
    except subprocess.CalledProcessError as error:
        return error.returncode


@deed
def timeout():
    try:
        subprocess.run(["sleep", "1000"], timeout=0.1)
    except subprocess.TimeoutExpired as error:
        return round(error.timeout, 1)


@deed
def pipes():
    first = subprocess.Popen(["printf", "b\na\n"], stdout=subprocess.PIPE)
    second = subprocess.Popen(["sort"], stdin=first.stdout, stdout=subprocess.PIPE)
    first.stdout.close()
    return second.communicate()[0], second.wait(), first.wait()


@deed
def terminated():
    with subprocess.Popen(["sleep", "1000"]) as process:
        polled = process.poll()
        process.terminate()
        return polled, process.wait(10)


@deed
def large():
    return len(
        subprocess.run(["head", "-c", "10000000", "/dev/zero"], stdout=subprocess.PIPE).stdout
    )


@deed
def missing():
    try:
        subprocess.run(["/nowhere/at/all"])
    except FileNotFoundError as error:
        return error.filename


def popen(command):
    with os.popen(command) as output:
        return output.read()


@deed
def shells():
    return os.system("exit 4"), popen("echo popen")


@deed
def spawned():
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 5"], os.environ)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


for name in list(deeds):
    everywhere(name)
no_children()

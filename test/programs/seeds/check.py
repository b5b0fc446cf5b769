"""Asks the others what they have seen; the program ends with it."""

from rebeam import call, cast, sleep


def check():
    print("genpy name state", call("genpy name", "state")[1])
    status, response = call("genpy name", "call it")[1]
    print("call", status, response)
    status, response = call("receiver", "anything")
    print("catch-all", status, response)
    print("cast", call("genpy name", "cast it", "receive")[1])
    call("genpy name", "cast it", "refuse")
    while len(answers := call("genpy name", "answers")[1]) < 2:
        sleep(0.01)
    for answer in answers:
        print("answer", *answer)
    status, response = call("genpy name", "unknown")
    print("unknown", status, "unknown" in response)
    while len(ticks := call("receiver", "ticks")[1]) < 3:
        sleep(0.01)
    print("the module ticks:", ticks)

from rebeam import call


def ask():
    return call("gate", "wait", timeout=None)[1]

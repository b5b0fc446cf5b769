from rebeam import call

if __name__ == "__main__":
    call("judge", "note", "module")

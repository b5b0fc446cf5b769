# Two at a time, as each may be a whole VM with Python in it.
ExUnit.start(max_cases: 2, exclude: [:large])

# Large values between two Python actors: the time of a call must not grow with them, nor may
# memory. Runs values.py under the users' environment of the tests, which has numpy and the others.

{:ok, python} = Rebeam.Python.find([])
folder = Path.expand("../../build/user/#{python.version}", __DIR__)
{_, 0} = System.cmd(Path.expand("../environment", __DIR__), [folder, python.executable])

options = ["--workers", "1", "--python", Path.join(folder, "bin/python")]
script = Path.join(__DIR__, "values.py")
{_, 0} = System.cmd("mix", ["rebeam.run" | options] ++ [script], into: IO.stream())

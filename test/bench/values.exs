# Large values between two Python actors: the time of a call must not grow with them. Runs
# values.py under the users' environment of the tests, which has numpy and the others.

{:ok, _} = Application.ensure_all_started(:rebeam)
{:ok, python} = Rebeam.Python.find([])
folder = Path.expand("../../build/user/#{python.version}", __DIR__)
{_, 0} = System.cmd(Path.expand("../environment", __DIR__), [folder, python.executable])

script = Path.join(__DIR__, "values.py")
:ok = Rebeam.Runtime.start([python: Path.join(folder, "bin/python")], [script])
{:ok, _} = Rebeam.Script.start_link("script", script)

receive do
  {:rebeam_script, _, {:status, status}, _} -> Rebeam.Native.halt(status)
end

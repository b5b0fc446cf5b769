defmodule Rebeam.Tables.FileTest do
  # Tables with a file, from program to program.
  use ExUnit.Case, async: true

  alias Rebeam.{Loader, Program}
  alias Rebeam.Tables.Log

  @moduletag :slow

  test "what was written is there in the next run, whoever wrote it; a file is compacted" do
    path = Path.join(Program.folder(), "kept")

    for phase <- ~w(write read compacted) do
      assert Program.lines!("tables/file/written_and_read.py", args: [phase, path]) == [phase]
    end
  end

  test "a file that was cut off, damaged, something else's, or may not be trusted" do
    folder = Program.folder()
    path = &Path.join(folder, &1)
    whole = IO.iodata_to_binary(Log.header("kept", :ordered_set))
    record = IO.iodata_to_binary(Log.effects([{:put, [{"a", 1, []}]}]))

    files = [
      {"whole", [whole, record]},
      {"empty", ""},
      {"begun", binary_part(whole, 0, 30)},
      {"torn", [whole, record, binary_part(record, 0, 20)]},
      {"damaged", [whole, "xx", record]},
      {"text", "hello\n"},
      {"other", Log.header("other", :set)},
      {"open", [whole, record]},
      {"others", [whole, record]}
    ]

    for {name, bytes} <- files do
      File.write!(path.(name), bytes)
      File.chmod!(path.(name), 0o644)
    end

    {:ok, lock} = Loader.lock(path.("open"))
    File.chmod!(path.("others"), 0o666)
    File.ln_s!(path.("whole"), path.("link"))
    paths = Enum.map(~w(link empty begun torn damaged text other open others), path) ++ [folder]
    result = Program.run("tables/file/opened.py", args: paths)
    size = byte_size(whole)

    assert {result.status, String.split(result.out, "\n", trim: true)} ==
             {0,
              [
                "{'a': 1}",
                "{}",
                "{}",
                "{'a': 1}",
                "ValueError #{path.("damaged")} is damaged at byte #{size} of " <>
                  "#{size + 2 + byte_size(record)}, and whole behind that: something else wrote to it, " <>
                  "or its disk fails. What is before: truncate -s #{size} #{path.("damaged")}",
                "ValueError #{path.("text")} is no file of a table, but of something else",
                ~s(ValueError #{path.("other")} has the table "other", type "set"),
                "RuntimeError #{path.("open")} is open as a table already, here or in another program",
                "PermissionError #{path.("others")} may be written by others, and objects in it " <>
                  "could be anybody's code: chmod go-w #{path.("others")}",
                "ValueError #{folder} is no file of a table, but of something else"
              ]}

    assert result.err =~ "#{path.("torn")}: its last 20 bytes were not written to the end"
    assert Loader.unlock(lock) == :ok
    assert {:ok, _} = Loader.lock(path.("open"))
  end

  test "a file that is moved, removed or replaced while it is open is not written to" do
    program = """
    import os, sys
    from rebeam import Table
    path = sys.argv[1]
    table = Table("kept", file=path)

    def put(key):
        try:
            table.put(key, 1)
        except OSError as error:
            print("was moved" in str(error), sorted(table))
        else:
            print(sorted(table))

    put("a")
    os.rename(path, path + ".away")
    put("b")
    os.rename(path + ".away", path)
    put("c")
    os.remove(path)
    put("d")
    with open(path, "w") as file:
        file.write("somebody's")
    put("e")
    table.drop()
    with open(path) as file:
        print(file.read())
    os.symlink(path + "loop", path + "loop")
    try:
        Table("loop", file=path + "loop")
    except OSError as error:
        print(str(error).replace(path, "FILE"))
    """

    assert Program.lines!(program, args: [Path.join(Program.folder(), "kept")]) == [
             "['a']",
             "True ['a']",
             "['a', 'c']",
             "True ['a', 'c']",
             "True ['a', 'c']",
             "somebody's",
             "FILEloop cannot be opened: too many levels of symbolic links"
           ]
  end

  test "without pickles it is no matter who wrote to it, as no code runs" do
    path = Path.join(Program.folder(), "kept")
    row = {"a", 1, []}
    File.write!(path, [Log.header("kept", :ordered_set), Log.effects([{:put, [row]}])])
    File.chmod!(path, 0o666)
    env = [{"REBEAM_PICKLE", "no"}]
    assert Program.lines!("tables/file/opened.py", args: [path], env: env) == ["{'a': 1}"]
  end

  @strace System.find_executable("strace")

  @tag skip: @strace == nil or File.stat!("/proc/self").uid != 0
  test "a change is on the disk when its method returns, or within a second" do
    assert Program.lines!("tables/file/synced.py", args: [Program.folder()]) == [
             "['done', 'sync', 'done', 'done', 'sync', 'done', 'done', 'sync', 'done']",
             "['done', 'sync']"
           ]
  end

  test "who waits for the disk holds no thread, and many wait together" do
    program = """
    import sys
    from rebeam import ProcessID, Supervisor, Table, child, spawn
    from rebeam._runtime import rebeam_info

    TABLE = Table("waited", file=sys.argv[1], durability="always")

    def write():
        for number in range(5):
            TABLE.put((ProcessID(), number), number)

    def main():
        before, most = rebeam_info()["threads"], 0
        for _ in range(300):
            spawn(write)
        while len(TABLE) < 1500:
            now = rebeam_info()
            assert now["blocked"] <= 1  # this function's own len
            most = max(most, now["threads"] - before)
        print(most < 20)

    if __name__ == "__main__":
        Supervisor([child(main, significant=True)])
    """

    assert Program.lines!(program, args: [Path.join(Program.folder(), "waited")]) == ["True"]
  end

  test "a disk that is full is an error for who writes, and costs nothing that was acknowledged" do
    program = """
    import resource, sys
    from rebeam import Table
    table = Table("full", file=sys.argv[1])
    table["a"] = 1
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, most))
    for _ in range(2):
        try:
            table["b"] = bytes(2_000_000)
        except OSError as error:
            print(str(error).replace(sys.argv[1], "FILE"))
        print(table.snapshot())
    table["c"] = 2
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    table["b"] = bytes(2_000_000)
    print(len(table), len(table["b"]))
    """

    path = Path.join(Program.folder(), "full")
    result = Program.run(program, args: [path], options: ["--log-level", "none"])
    refused = "FILE cannot be written: file too large"

    assert {result.status, String.split(result.out, "\n", trim: true)} ==
             {0, [refused, "{'a': 1}", refused, "{'a': 1}", "3 2000000"]}
  end
end

Bench.Turns.serve(fn count ->
  taken = Bench.Turns.time(fn -> Process.put(:pool, Bench.Rest.pool(count)) end)
  Process.exit(Process.get(:pool) |> tap(&Process.unlink/1), :kill)
  taken / count
end)

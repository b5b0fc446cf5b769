Bench.Turns.serve(fn count ->
  pool = Bench.Rest.pool(count)
  Bench.Turns.time(fn -> Supervisor.stop(pool) end) / count
end)

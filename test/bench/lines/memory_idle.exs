Bench.Turns.serve(fn count ->
  before = Bench.Turns.resident()
  Bench.Rest.pool(count)
  (Bench.Turns.resident() - before) / count / 1000
end)

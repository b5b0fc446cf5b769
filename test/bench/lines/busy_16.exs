Bench.Turns.serve(&Bench.Busy.percentile(16, &1))

Bench.Turns.serve(&Bench.Busy.percentile(1, &1))

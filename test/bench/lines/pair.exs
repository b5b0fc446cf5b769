Bench.Turns.serve(&Bench.Echo.pairs(1, &1))

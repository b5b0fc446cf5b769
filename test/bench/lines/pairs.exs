Bench.Turns.serve(&Bench.Echo.pairs(100, &1))

{:ok, echo} = GenServer.start_link(Bench.Echo, nil)
Bench.Turns.serve(&Bench.Echo.casts(echo, &1))

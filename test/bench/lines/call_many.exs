echoes = for _ <- 1..10, do: elem(GenServer.start_link(Bench.Echo, nil), 1)

Bench.Turns.serve(fn count ->
  rounds = max(div(count, 1000), 1)

  taken =
    Bench.Turns.time(fn ->
      for _ <- 1..rounds do
        requests = for n <- 1..100, echo <- echoes, do: {:gen_server.send_request(echo, n), n}

        for {request, n} <- requests,
            do: {:reply, ^n} = :gen_server.receive_response(request, :infinity)
      end
    end)

  taken / (rounds * 1000)
end)

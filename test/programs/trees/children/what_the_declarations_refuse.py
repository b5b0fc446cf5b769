from children_worker import said

from rebeam import DynamicSupervisor, Supervisor, _trees, child

last_one = dict(restart="transient", significant=True)
for function in (
    lambda: Supervisor([child(print, **last_one)], auto_shutdown="never"),
    lambda: Supervisor([], auto_shutdown="sometimes"),
    lambda: DynamicSupervisor(max_children=-1),
    lambda: DynamicSupervisor(max_children="3"),
    lambda: DynamicSupervisor(name=""),
    lambda: child(print, backoff=0),
    lambda: child(print, backoff=(2, 1)),
    lambda: child(print, backoff=(1, 2, 3)),
    lambda: child(print, backoff="1"),
    lambda: child(print, backoff=float("nan")),
    lambda: child(print, backoff=1, restart="temporary"),
    lambda: child(Supervisor(), backoff=1),
    lambda: Supervisor([DynamicSupervisor]),
):
    print(said(function)[:75])
_trees.take_made()

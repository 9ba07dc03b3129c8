"""How fast the service is, measured as a process from outside, beside what else could do the same work.

Works (`benchmarks/works`) are done by contenders (`benchmarks/contenders`) on a farm of Modbus devices (`benchmarks/c`) that
records when each frame arrives, or on peers that speak by themselves (`benchmarks/pushed`). Nothing here imports the service: it
is started as an operator starts it, on a generated site. Only what measures the journal uses it (`benchmarks/records`).
"""

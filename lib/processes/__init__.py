"""Worker processes for work that a stranger's file may turn against its process: hang it, fill its memory, or kill it.

A worker is a Python module that ends in `run_worker(start)`. It runs with its own memory limit, takes one call at a
time, and is replaced when it dies or overruns its time. Requests and replies are JSON, never pickles: a worker that a
file has taken over can return wrong values, but cannot run code here. Large payloads travel in shared memory.
"""

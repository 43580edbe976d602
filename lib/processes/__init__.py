"""Worker processes for untrusted files, which may hang a process, exhaust its memory or crash it.

A worker is a Python module that ends in `run_worker(start)`. It runs with its own memory limit, takes one call at a
time, and is replaced when it crashes or times out. Requests and replies are JSON, never pickles: a worker that a file
has taken over can return wrong values, but cannot run code here. Large payloads are passed in shared memory.
"""

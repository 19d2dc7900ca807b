"""The worker: the process that owns torch, runs jobs and answers what must not wait for them."""

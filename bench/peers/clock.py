import time

WARM_UP_STEPS = 5


class Clock:
    """Times steps from the end of one to the end of the next, so that nothing in between is left out."""

    def __init__(self, job):
        self.least, self.seconds, self.limit = job["steps"], job["seconds"], job["limit"]
        self.steps_ms = []
        self.measured_ms = 0.0
        self.began = time.perf_counter()
        self.last = self.began

    def tick(self):
        """To be called after each step; True when enough was measured."""
        now = time.perf_counter()
        self.steps_ms.append((now - self.last) * 1000)
        self.last = now
        taken = len(self.steps_ms)
        if taken > WARM_UP_STEPS:
            self.measured_ms += self.steps_ms[-1]
        if now - self.began > self.limit:
            return True
        return taken >= WARM_UP_STEPS + self.least and self.measured_ms >= self.seconds * 1000

    @property
    def times_ms(self):
        """The measured steps; where time ran out before any was, the last one."""
        return self.steps_ms[WARM_UP_STEPS:] or self.steps_ms[-1:]

    @property
    def first_step_s(self):
        return self.steps_ms[0] / 1000

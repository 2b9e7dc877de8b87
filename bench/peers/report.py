import json
import resource
import sys


def run_peer(measure):
    """Runs a peer on the job that its process was given; the last line printed is its report."""
    try:
        clock, parameters, loss = measure(json.loads(sys.argv[1]))
        # Kilobytes on Linux, bytes on macOS.
        unit = 2**20 if sys.platform == "darwin" else 2**10
        report = {
            "times_ms": clock.times_ms,
            "first_step_s": clock.first_step_s,
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
            "parameters": int(parameters),
            "loss": float(loss),
        }
    except Exception as error:  # a peer may fail in any way; the table shows how
        report = {"error": f"{type(error).__name__}: {error}"}
    print("\n" + json.dumps(report), flush=True)

import numpy as np


def make_data(job):
    """The data of a job: a column for each input, and the labels."""
    workload = job["workload"]
    rows = workload["batch"] * job["batches"]
    inputs = [fill(column, rows) for column in workload["inputs"]]
    label = workload["label"]
    return inputs, inputs[0] if label == "input" else fill(label, rows)


def fill(column, rows):
    random = np.random.default_rng()
    shape, values = [rows, *column["shape"]], column["values"]
    if isinstance(values, dict):
        return random.integers(values["below"], size=shape, dtype=np.int32)
    return random.standard_normal(shape, np.float32) if values == "normal" else random.random(shape, np.float32)

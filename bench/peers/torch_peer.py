"""PyTorch, eager or compiled: the loop of its own tutorial, on rows in random order."""

import torch
from clock import Clock
from data import make_data
from report import run_peer
from torch_networks import networks


def measure(job):
    torch.set_num_threads(job["threads"])
    workload = job["workload"]
    inputs, labels = make_data(job)
    inputs = [channels_first(torch.from_numpy(column)) for column in inputs]
    labels = torch.from_numpy(labels)
    if workload["loss"] == "softmax":
        labels, loss_function = labels.long(), torch.nn.CrossEntropyLoss()
    else:
        labels, loss_function = labels.float(), torch.nn.BCEWithLogitsLoss()

    def loss_of(logits, target):
        # Sequences: one row for each position.
        if logits.ndim == 3:
            logits, target = logits.flatten(0, 1), target.flatten()
        return loss_function(logits, target)

    clock = Clock(job)
    network = networks[workload["name"]]()
    parameters = sum(p.numel() for p in network.parameters() if p.requires_grad)
    model = torch.compile(network) if job["peer"] == "torch-compile" else network
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, eps=1e-7)
    while True:
        for rows in torch.randperm(len(labels)).split(workload["batch"]):
            optimizer.zero_grad()
            loss = loss_of(model(*(column[rows] for column in inputs)), labels[rows])
            loss.backward()
            optimizer.step()
            value = loss.item()
            if clock.tick():
                return clock, parameters, value


def channels_first(column):
    return column.movedim(-1, 1).contiguous() if column.ndim == 4 else column


run_peer(measure)

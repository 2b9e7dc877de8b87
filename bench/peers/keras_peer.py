"""Keras on TensorFlow or JAX: `fit`, as users call it, with a callback that reads the loss each step."""

import math
import os

import keras
from clock import Clock
from data import make_data
from keras_networks import networks
from report import run_peer

ENDLESS = 1_000_000


class Timer(keras.callbacks.Callback):
    def __init__(self, clock):
        super().__init__()
        self.clock = clock
        self.loss = float("nan")

    def on_train_batch_end(self, batch, logs=None):
        self.loss = float(logs["loss"])
        if self.clock.tick():
            self.model.stop_training = True


def measure(job):
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(job["threads"])
        tf.config.threading.set_inter_op_parallelism_threads(job["threads"])
    workload = job["workload"]
    inputs, labels = make_data(job)
    clock = Clock(job)
    if workload["loss"] == "softmax":
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    else:
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model = networks[workload["name"]]()
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
    timer = Timer(clock)
    x = inputs if len(inputs) > 1 else inputs[0]
    model.fit(x, labels, batch_size=workload["batch"], epochs=ENDLESS, verbose=0, callbacks=[timer])
    parameters = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    return clock, parameters, timer.loss


run_peer(measure)

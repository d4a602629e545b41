"""Writes events.bin: an event file by TensorBoard's own messages and writer, for TensorBoardTests.

    python events.py            # made with tensorboard 2.21.0
"""
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_STRING
from tensorboard.summary.writer.record_writer import RecordWriter


def scalar(tag, number):
    return Summary.Value(tag=tag, simple_value=number)


def text(tag, words):
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
    tensor = TensorProto(dtype=DT_STRING, tensor_shape=shape, string_val=[words.encode()])
    return Summary.Value(tag=tag, tensor=tensor, metadata=metadata)


def histogram(tag, numbers):
    values = np.asarray(numbers, np.float32).astype(np.float64)
    counts, edges = np.histogram(values, 30 if values.min() < values.max() else 1)
    return Summary.Value(tag=tag, histo=HistogramProto(
        min=values.min(), max=values.max(), num=len(values), sum=sum(values), sum_squares=sum(values * values),
        bucket_limit=edges[1:] if values.min() < values.max() else [values.max()], bucket=counts))


rewards = [-1.5, 0.25, 0.25, 2.0, 0.5, -0.125]
events = [
    Event(wall_time=1.5, file_version="brain.Event:2"),
    Event(wall_time=2.5, step=8, session_log=SessionLog(status=SessionLog.START)),
    Event(wall_time=3.5, step=300, summary=Summary(value=[
        scalar("train/loss", 0.75), scalar("eval/loss", 0.0), scalar("train/grad_norm", float("inf")),
        histogram("train/rewards", rewards), histogram("train/same", [2.0, 2.0]),
        text("completions", "    bread – Brot\n")])),
]
with open(Path(__file__).parent / "events.bin", "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
    writer.flush()

"""Writes ONNX's own tests of operators as folders of model.onnx, input_N.pb and output_N.pb.

    python backend.py FOLDER

Only tests whose ports are tensors of float32, int32, int64 or bool are written.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

PLAIN = {TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL}


def is_plain(model: onnx.ModelProto) -> bool:
    ports = list(model.graph.input) + list(model.graph.output)
    return all(port.type.HasField("tensor_type") and port.type.tensor_type.elem_type in PLAIN for port in ports)


# What ONNX Runtime knows; newer operators keep their own version, which it then refuses.
OPSET, IR = 23, 11


def lowered(model: onnx.ModelProto) -> onnx.ModelProto:
    result = onnx.ModelProto()
    result.CopyFrom(model)
    result.ir_version = min(IR, result.ir_version)
    for entry in result.opset_import:
        if entry.domain == "":
            entry.version = min(OPSET, max(7, entry.version))
    try:
        onnx.checker.check_model(result, full_check=True)
    except Exception:
        return model
    return result


def main(folder: Path) -> None:
    count = 0
    for case in collect_testcases(None):
        model = case.model
        if model is None or not is_plain(model) or case.data_sets is None:
            continue
        where = folder / case.name
        where.mkdir(parents=True, exist_ok=True)
        (where / "model.onnx").write_bytes(lowered(model).SerializeToString())
        for kind, ports, values in zip(("input", "output"), (model.graph.input, model.graph.output), case.data_sets[0]):
            for i, (port, value) in enumerate(zip(ports, values)):
                tensor = numpy_helper.from_array(np.asarray(value), port.name)
                (where / f"{kind}_{i}.pb").write_bytes(tensor.SerializeToString())
        count += 1
    print(f"{count} cases")


main(Path(sys.argv[1]))

def write_onnx(model, classes, file):
    raise NotImplementedError

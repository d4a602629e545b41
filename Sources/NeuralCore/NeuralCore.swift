// The NeuralCore layer.

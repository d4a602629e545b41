"""Merges three small models with mergekit 0.1.5 by each recipe here; run it in this folder.

pip install mergekit==0.1.5 transformers torch
"""

import json
import pathlib
import shutil

import torch
import transformers
from mergekit.config import MergeConfiguration
from mergekit.merge import MergeOptions, run_merge

SMALL = dict(
    vocab_size=8, hidden_size=8, intermediate_size=12, num_hidden_layers=4, num_attention_heads=2,
    num_key_value_heads=1, max_position_embeddings=16)
torch.manual_seed(5)
base = transformers.LlamaForCausalLM(transformers.LlamaConfig(**SMALL))
base.save_pretrained("base")
for name, scale in [("a", 0.01), ("b", 0.02), ("c", 0.5)]:
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**SMALL))
    for parameter, origin in zip(model.parameters(), base.parameters()):
        parameter.data = origin.data + scale * torch.randn_like(origin)
    model.save_pretrained(name)

weight = lambda value, density=None: {"weight": value, **({} if density is None else {"density": density})}
model = lambda name, parameters=None: {"model": name, **({} if parameters is None else {"parameters": parameters})}
layers = lambda name, first, end: {"model": name, "layer_range": [first, end]}
recipes = {
    "linear": {"merge_method": "linear", "models": [model("a", weight(1)), model("b", weight(0.5))]},
    "linear-sum": {
        "merge_method": "linear", "models": [model("a", weight(0.3)), model("b", weight(0.5))],
        "parameters": {"normalize": False}},
    "slerp": {
        "merge_method": "slerp", "base_model": "base", "models": [model("base"), model("c")],
        "parameters": {"t": [
            {"filter": "self_attn", "value": [0, 0.5, 0.3, 0.7, 1]}, {"filter": "mlp", "value": [1, 0.2]},
            {"value": 0.4}]}},
    "slerp-slices": {
        "merge_method": "slerp", "base_model": "a",
        "slices": [
            {"sources": [layers("a", 0, 2), layers("c", 1, 3)], "parameters": {"t": 0.25}},
            {"sources": [layers("a", 1, 4), layers("c", 1, 4)], "parameters": {"t": [0, 1]}}]},
    "task-arithmetic": {
        "merge_method": "task_arithmetic", "base_model": "base",
        "models": [model("a", weight(0.7)), model("b", weight([0.1, 0.9]))], "parameters": {"lambda": 1.5}},
    "task-arithmetic-mean": {
        "merge_method": "task_arithmetic", "base_model": "base",
        "models": [model("a", weight(0.7)), model("b", weight(0.9))], "parameters": {"normalize": True}},
    "ties": {
        "merge_method": "ties", "base_model": "base",
        "models": [model("a", weight(1, 0.3)), model("b", weight(0.5, [0.2, 0.8])), model("c", weight(0.1, 0.5))]},
    "ties-rescaled": {
        "merge_method": "ties", "base_model": "base",
        "models": [model("a", weight(1, 0.3)), model("b", weight(0.5, 0.5))],
        "parameters": {"rescale": True, "normalize": False, "lambda": 0.8, "int8_mask": True}},
    "dare-ties": {
        "merge_method": "dare_ties", "base_model": "base",
        "models": [model("a", weight(1)), model("b", weight(0.5)), model("c", weight(-0.1))]},
    "dare-linear": {
        "merge_method": "dare_linear", "base_model": "base",
        "models": [model("a", weight(1)), model("b", weight(0.5))]},
}
for name, recipe in recipes.items():
    recipe["dtype"] = "float32"
    pathlib.Path(f"{name}.json").write_text(json.dumps(recipe, indent=1) + "\n")
    run_merge(
        MergeConfiguration.model_validate(recipe), "merged",
        options=MergeOptions(copy_tokenizer=False, write_model_card=False))
    next(pathlib.Path("merged").glob("*.safetensors")).rename(f"{name}.safetensors")
    shutil.rmtree("merged")
for file in pathlib.Path(".").glob("*/generation_config.json"):
    file.unlink()

"""Which layers of a model slide, by what config.json says, and what transformers computes then.

    python make_windows.py         (transformers 5.24.0, torch 2.15.0; writes beside itself)

mistral, qwen2, …        small random models of three layers, as transformers saves them
cases.json              by family and name: the keys that are changed (null is null, "absent" takes a key away), and the
                        window of every layer in transformers
expected.safetensors    tokens; <family>/<name>: the logits of the last six tokens, [6, vocabulary]
"""
import json
import os
import shutil
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers as t
from safetensors.torch import save_file

t.logging.set_verbosity_error()
t.logging.disable_progress_bar()
HERE = Path(__file__).parent
TOKENS = torch.arange(40)[None] * 11 % 37
SIZES = dict(vocab_size=37, hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_attention_heads=2,
             num_key_value_heads=1, head_dim=8, max_position_embeddings=64, initializer_range=0.4,
             bos_token_id=1, eos_token_id=2)
S, F, ABSENT = "sliding_attention", "full_attention", "absent"
MISTRAL = {
    "no keys": {"sliding_window": ABSENT},
    "null": {"sliding_window": None},
    "all": {"sliding_window": 8},
    "use is ignored": {"sliding_window": 8, "use_sliding_window": False, "max_window_layers": 3},
    "mixed types": {"sliding_window": 8, "layer_types": [S, F, S]},
    "full types": {"sliding_window": 8, "layer_types": [F, F, F]},
    "types without a window": {"sliding_window": ABSENT, "layer_types": [F, S, F]},
    "no types": {"sliding_window": 8, "layer_types": None},
}
QWEN = {
    "no keys": {},
    "not used": {"sliding_window": 8, "use_sliding_window": False},
    "beyond all layers": {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 3},
    "last layer": {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 2},
    "all layers": {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 0},
    "default layers": {"use_sliding_window": True, "sliding_window": 8},
    "default window": {"use_sliding_window": True, "max_window_layers": 1},
    "null": {"use_sliding_window": True, "sliding_window": None, "max_window_layers": 0},
    "mixed types": {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 3,
                    "layer_types": [S, F, S]},
    "full types": {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 0,
                   "layer_types": [F, F, F]},
    "full types without a window": {"use_sliding_window": False, "sliding_window": 8, "layer_types": [F, F, F]},
}
SMOLLM3 = {
    "no keys": {},
    "layers without rotation": {"use_sliding_window": True, "sliding_window": 8, "no_rope_layers": [1, 0, 1]},
    "default layers": {"use_sliding_window": True, "sliding_window": 8, "no_rope_layer_interval": 2},
    "not used": {"sliding_window": 8, "no_rope_layers": [1, 0, 1]},
    "types count unused": {"sliding_window": 8, "layer_types": [S, F, S]},
}
GEMMA = {
    "default layers": {"sliding_window": 8},
    "default window": {},
    "mixed types": {"sliding_window": 8, "layer_types": [F, S, S]},
    "full types": {"sliding_window": 8, "layer_types": [F, F, F]},
}
GEMMA3 = GEMMA | {
    "pattern": {"sliding_window": 8, "sliding_window_pattern": 3},
    "bases of old": {"sliding_window": 8, "layer_types": [S, F, S], "rope_parameters": ABSENT, "rope_theta": 500.0,
                     "rope_local_base_freq": 50.0, "rope_scaling": {"rope_type": "linear", "factor": 4.0}},
}


def run(family, name, source, changes, expected):
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / family
        shutil.copytree(source, folder)
        config = json.loads((folder / "config.json").read_text())
        for key, value in changes.items():
            if value == ABSENT:
                config.pop(key, None)
            else:
                config[key] = value
        (folder / "config.json").write_text(json.dumps(config))
        model = t.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").float().eval()
    with torch.no_grad():
        logits = model(TOKENS, use_cache=False).logits[0]
        parts, cache = [], t.DynamicCache(config=model.config)
        for index in range(TOKENS.shape[1]):
            out = model(TOKENS[:, index:index + 1], cache=cache, use_cache=True)
            parts.append(out.logits[0])
            cache = out.cache
    assert (torch.cat(parts) - logits).abs().max() < 1e-4, (family, name)
    expected[f"{family}/{name}"] = logits[-6:].contiguous()
    window = model.config.sliding_window
    types = getattr(model.config, "layer_types", [S if window else F] * 3)
    windows = [window if kind == S else None for kind in types]
    print(family, name, windows)
    return {"family": family, "name": name, "changes": changes, "windows": windows}


def main():
    cases, expected = [], {"tokens": TOKENS[0].int()}
    for family, kind, variants in [("mistral", t.MistralConfig, MISTRAL), ("qwen2", t.Qwen2Config, QWEN),
                                   ("qwen3", t.Qwen3Config, QWEN), ("smollm3", t.SmolLM3Config, SMOLLM3),
                                   ("gemma2", t.Gemma2Config, GEMMA), ("gemma3_text", t.Gemma3TextConfig, GEMMA3)]:
        torch.manual_seed(3)
        folder = HERE / family
        shutil.rmtree(folder, ignore_errors=True)
        own = {} if family in ("mistral", "qwen2", "qwen3") else {"pad_token_id": None}
        t.AutoModelForCausalLM.from_config(kind(**SIZES, **own)).save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        config = json.loads((folder / "config.json").read_text())
        for key in ["layer_types", "sliding_window", "use_sliding_window", "max_window_layers", "no_rope_layers",
                    "_sliding_window_pattern"]:
            config.pop(key, None)
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        for name, changes in variants.items():
            cases.append(run(family, name, folder, changes, expected))
    save_file(expected, HERE / "expected.safetensors")
    (HERE / "cases.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()

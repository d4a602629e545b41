"""What transformers does with each key of config.json, found by changing it.

    python make_keys.py            (transformers 5.24.0, torch 2.15.0; writes keys.json beside itself)

The models are those of ../Families. For each family keys.json has
attributes   every attribute that the configuration class of transformers has, aliases included
changes      keys with a value in place of what the file has (or of nothing), and what became of the model:
             "same"       logits of one pass and of one token after another are those of the file as it is
             "different"  the logits changed, and both ways give the same
             "unclear"    one pass and one token after another give different logits
             "incomplete" a parameter is missing or left over, and transformers goes on without it
             "error"      transformers does not load or run it
  where they are different: the first eight logits of the last token
"""
import json
import os
import shutil
import tempfile
import warnings
from dataclasses import fields
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers as t

t.logging.set_verbosity_error()
t.logging.disable_progress_bar()
warnings.simplefilter("ignore")
HERE = Path(__file__).parent
TOKENS = torch.arange(24)[None] * 7 % 53
ABSENT = "absent"  # stands for taking the key away

ROTARY = [{"rope_type": "linear", "factor": 3.0}, {"type": "linear", "factor": 3.0},
          {"rope_type": "default", "rope_theta": 77.0}, {},
          {"rope_type": "llama3", "factor": 2.0, "low_freq_factor": 1.0, "high_freq_factor": 2.0,
           "original_max_position_embeddings": 8, "rope_theta": 100.0},
          {"rope_type": "yarn", "factor": 2.0},
          {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "beta_fast": 8.0, "beta_slow": 2.0,
           "truncate": False},
          {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "attention_factor": 1.5},
          {"rope_type": "yarn", "factor": 4.0, "mscale": 2.0, "mscale_all_dim": 0.5},
          {"rope_type": "dynamic", "factor": 2.0},
          {"rope_type": "linear", "factor": 3.0, "partial_rotary_factor": 0.5}]
SLIDING, FULL = "sliding_attention", "full_attention"
SHARED = {
    "hidden_act": ["gelu", "swish"], "initializer_range": [0.5], "rms_norm_eps": [0.5, ABSENT],
    "hidden_size": [48], "intermediate_size": [32], "num_hidden_layers": [1, 3], "num_attention_heads": [2],
    "num_key_value_heads": [4, ABSENT], "head_dim": [12, ABSENT], "max_position_embeddings": [128],
    "tie_word_embeddings": [True, False], "rope_theta": [50.0], "rope_scaling": ROTARY + [None],
    "rope_parameters": ROTARY + [None, ABSENT], "sliding_window": [3, None, ABSENT],
    "use_sliding_window": [True, False], "max_window_layers": [0, 1, 2],
    "layer_types": [[FULL, SLIDING], [SLIDING, SLIDING], [FULL, FULL], ["attention", FULL], [FULL],
                    ["linear_attention", FULL], None],
    "attention_bias": [True, False], "mlp_bias": [True, False], "attention_dropout": [0.5],
    "partial_rotary_factor": [0.5, 1.0], "original_max_position_embeddings": [8], "pretraining_tp": [2],
    "num_kv_shared_layers": [1],
}
GRANITE = {
    "embedding_multiplier": [2.0, ABSENT], "logits_scaling": [3.0, ABSENT], "residual_multiplier": [0.4, ABSENT],
    "attention_multiplier": [0.2, ABSENT],
}
SMOLLM3 = {
    "no_rope_layers": [[0, 1], [1, 1], [1, 0, 1], [True, False], None, ABSENT], "no_rope_layer_interval": [1, 2],
}
GEMMA = {
    "hidden_activation": ["gelu", "gelu_new", "silu"], "query_pre_attn_scalar": [9, ABSENT],
    "attn_logit_softcapping": [0.5, None, ABSENT], "final_logit_softcapping": [0.5, None, ABSENT],
    "use_bidirectional_attention": [True, None], "cache_implementation": ["hybrid"],
}
BY_KIND = [
    {"full_attention": {"rope_type": "linear", "factor": 3.0, "rope_theta": 77.0}},
    {"sliding_attention": {"rope_type": "default", "rope_theta": 50.0}, "full_attention": None},
    {"sliding_attention": {"rope_type": "linear", "factor": 3.0, "rope_theta": 50.0},
     "full_attention": {"rope_type": "default", "rope_theta": 77.0}},
]
GEMMA3 = GEMMA | {
    "rope_local_base_freq": [50.0], "sliding_window_pattern": [1, 2], "_sliding_window_pattern": [2],
    "rope_parameters": ROTARY + BY_KIND + [None, ABSENT],
}
LONGROPE = {"rope_type": "longrope", "short_factor": [1.0, 3.0], "long_factor": [2.0, 8.0]}
PHI3 = {
    "resid_pdrop": [0.5], "embd_pdrop": [0.5], "partial_rotary_factor": [0.25, 1.0],
    "original_max_position_embeddings": [48, ABSENT, 8],
    "rope_scaling": ROTARY + [
        LONGROPE, LONGROPE | {"type": "su", "partial_rotary_factor": 0.5}, LONGROPE | {"partial_rotary_factor": 0.5},
        LONGROPE | {"partial_rotary_factor": 0.5, "attention_factor": 1.5},
        LONGROPE | {"partial_rotary_factor": 0.5, "factor": 4.0},
        LONGROPE | {"partial_rotary_factor": 0.5, "short_factor": [1.0]}, {"partial_rotary_factor": 0.25}, None],
}
GPT_NEOX = {
    "hidden_act": ["gelu_new", "gelu_fast", "gelu_pytorch_tanh", "relu"], "layer_norm_eps": [0.5, ABSENT],
    "use_parallel_residual": [False, ABSENT], "rotary_pct": [0.25, 1.0], "rotary_emb_base": [50.0],
    "hidden_dropout": [0.5], "classifier_dropout": [0.5], "partial_rotary_factor": [0.25, 1.0],
    "rope_parameters": ROTARY + [{"partial_rotary_factor": 0.25}, {"rope_type": "linear", "factor": 2.0,
                                                                  "partial_rotary_factor": 1.0}, None, ABSENT],
}
CHUNKED = {"attention_chunk_size": [4]}  # in families whose layers have no types
EXPERTS = {
    "num_experts": [5, 0], "num_local_experts": [5], "num_experts_per_tok": [1, 2, ABSENT],
    "output_router_logits": [False, ABSENT], "router_aux_loss_coef": [0.5, 0.0, ABSENT],
}
MIXTRAL = EXPERTS | CHUNKED | {"router_jitter_noise": [0.1]}
QWEN3_MOE = EXPERTS | CHUNKED | {
    "moe_intermediate_size": [8], "norm_topk_prob": [False, ABSENT], "decoder_sparse_step": [2, 3],
    "mlp_only_layers": [[0], [1, 2], [1, 7], [-1], [], None, ABSENT],
}
GPT2 = {
    "n_embd": [48], "hidden_size": [48, 24], "n_positions": [128], "max_position_embeddings": [128, 64],
    "n_layer": [1], "num_hidden_layers": [1, 2], "n_head": [2], "num_attention_heads": [2, 4],
    "n_inner": [32, 96, None], "activation_function": ["gelu", "relu", "gelu_pytorch_tanh"],
    "resid_pdrop": [0.5], "embd_pdrop": [0.5], "attn_pdrop": [0.5], "layer_norm_epsilon": [0.5, ABSENT],
    "initializer_range": [0.5], "summary_type": ["last"], "summary_use_proj": [False],
    "summary_activation": ["tanh"], "summary_proj_to_labels": [False], "summary_first_dropout": [0.5],
    "scale_attn_weights": [False, True], "scale_attn_by_inverse_layer_idx": [True],
    "reorder_and_upcast_attn": [True], "add_cross_attention": [True], "tie_word_embeddings": [True, False],
    "sliding_window": [3, None], "layer_types": [[FULL, SLIDING], None], "n_ctx": [12],
    "rope_theta": [50.0], "attention_chunk_size": [4],
}
COMMON = {
    "vocab_size": [40], "bos_token_id": [7, 300, None], "eos_token_id": [7, [7, 300], None],
    "pad_token_id": [7, -1, None], "sep_token_id": [7], "use_cache": [False], "architectures": [None],
    "chunk_size_feed_forward": [2], "is_encoder_decoder": [True], "dtype": ["float32"],
    "torch_dtype": ["float32"], "id2label": [{"0": "a"}], "label2id": [{"a": 0}], "num_labels": [3],
    "problem_type": ["regression"], "output_hidden_states": [True], "output_attentions": [True],
    "return_dict": [True], "transformers_version": ["4.0.0"], "is_causal": [False], "is_decoder": [True],
    "pruned_heads": [{"0": [1]}],
    "cross_attention_hidden_size": [8], "tie_encoder_decoder": [True], "temperature": [0.5],
    "top_k": [3], "name_or_path": ["x"], "_name_or_path": ["x"], "gradient_checkpointing": [True],
    "finetuning_task": ["x"], "prefix": ["x"], "task_specific_params": [{"a": {}}], "auto_map": [{}],
    "a_key_that_nobody_knows": [True],
}


def logits(folder):
    model, loading = t.AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", output_loading_info=True)
    if loading["missing_keys"] or loading["unexpected_keys"]:
        return None, None
    model = model.float().eval()
    with torch.no_grad():
        whole = model(TOKENS, use_cache=False, return_dict=True).logits[0]
        parts, cache = [], t.DynamicCache(config=model.config)
        for index in range(TOKENS.shape[1]):
            out = model(TOKENS[:, index:index + 1], cache=cache, use_cache=True, return_dict=True)
            parts.append(out.logits[0])
            cache = out.cache
        return whole, torch.cat(parts)


def close(a, b):
    return a.shape == b.shape and (a - b).abs().max() < 1e-4


def effect(folder, expected):
    try:
        whole, parts = logits(folder)
    except Exception as error:
        return {"effect": "error"}, f"{type(error).__name__}: {error}"
    if whole is None:
        return {"effect": "incomplete"}, ""
    if not close(whole, parts):
        return {"effect": "unclear"}, ""
    if close(whole, expected):
        return {"effect": "same"}, ""
    return {"effect": "different", "logits": [round(float(x), 5) for x in whole[-1, :8]]}, ""


def main():
    result = {}
    for family, kind in [("gpt2", t.GPT2Config), ("llama", t.LlamaConfig), ("mistral", t.MistralConfig),
                         ("qwen2", t.Qwen2Config), ("qwen3", t.Qwen3Config), ("olmo2", t.Olmo2Config),
                         ("granite", t.GraniteConfig), ("smollm3", t.SmolLM3Config), ("gemma2", t.Gemma2Config),
                         ("gemma3_text", t.Gemma3TextConfig), ("phi3", t.Phi3Config), ("gpt_neox", t.GPTNeoXConfig),
                         ("qwen3_moe", t.Qwen3MoeConfig), ("mixtral", t.MixtralConfig)]:
        source = HERE.parent / "Families" / family
        original = json.loads((source / "config.json").read_text())
        expected, parts = logits(source)
        assert close(expected, parts)
        attributes = {field.name for field in fields(kind)} | set(kind.attribute_map) | set(kind().to_dict())
        attributes = sorted(a for a in attributes if a not in ("extra_files", "extra_config_files"))
        values = (GPT2 if family == "gpt2" else SHARED) | COMMON
        epsilon = {"gpt2": "layer_norm_epsilon", "gpt_neox": "layer_norm_eps"}.get(family, "rms_norm_eps")
        values["per_layer_config"] = [{"0": {epsilon: 0.5}}]
        values |= {"llama": CHUNKED, "olmo2": CHUNKED, "granite": CHUNKED | GRANITE, "smollm3": SMOLLM3,
                   "gemma2": GEMMA, "gemma3_text": GEMMA3, "phi3": CHUNKED | PHI3, "gpt_neox": CHUNKED | GPT_NEOX,
                   "qwen3_moe": QWEN3_MOE, "mixtral": MIXTRAL}.get(family, {})
        missing = [a for a in attributes if a not in values and a != "model_type"]
        changes = []
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / family
            shutil.copytree(source, folder)
            for key, candidates in values.items():
                for value in candidates:
                    changed = {k: v for k, v in original.items() if k != key}
                    if value != ABSENT:
                        changed[key] = value
                    (folder / "config.json").write_text(json.dumps(changed))
                    found, why = effect(folder, expected)
                    changes.append({"key": key, "value": value} | found)
                    print(family, key, value, found["effect"], why[:150].replace("\n", " "))
        if missing:
            print("NO VALUE FOR", family, missing)
        result[family] = {"attributes": attributes, "changes": changes}
    lines = []
    for family, parts in result.items():
        changes = ",\n   ".join(json.dumps(change) for change in parts["changes"])
        lines.append(f'"{family}": {{\n  "attributes": {json.dumps(parts["attributes"])},\n'
                     f'  "changes": [\n   {changes}]}}')
    (HERE / "keys.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()

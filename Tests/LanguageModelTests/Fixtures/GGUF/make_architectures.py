"""Makes small models of the families with an architecture of their own in llama.cpp, with the `gguf` package's writer, and
what transformers and llama.cpp compute with them.

    python3 make_architectures.py        # torch 2.15, transformers 5.24, gguf 0.19, llama-cpp-python 0.3.36

ARCHITECTURE.gguf     the model, converted as llama.cpp's convert_hf_to_gguf.py does it
qwen3moe-q8_0.gguf    a wider model with experts, quantized by llama.cpp
architectures.json    for each: tokens, and some logits of transformers and of llama.cpp for them
"""

import ctypes
import json
import math
import os
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import gguf
import llama_cpp
import numpy as np
import torch
import transformers as t

here = os.path.dirname(os.path.abspath(__file__))
printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
spare = [byte for byte in range(256) if byte not in printable]
alphabet = {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(spare)}
tokens = [alphabet[b] for b in range(256)] + ["he", "<|begin|>", "<|end|>"]
count = len(tokens)
shared = dict(
    vocab_size=count, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, max_position_embeddings=64, bos_token_id=257, eos_token_id=258, pad_token_id=None,
    tie_word_embeddings=True, attn_implementation="eager")
experts = dict(num_experts_per_tok=2, pad_token_id=None)
longrope = dict(
    rope_type="longrope", rope_theta=100.0, partial_rotary_factor=0.5, short_factor=[1.0, 2.5], long_factor=[2.0, 7.5])
models = {
    "granite": lambda: t.GraniteForCausalLM(t.GraniteConfig(
        **shared, attention_bias=True, mlp_bias=True, embedding_multiplier=3.0, logits_scaling=1.5,
        residual_multiplier=0.7, attention_multiplier=0.3)),
    "olmo2": lambda: t.Olmo2ForCausalLM(t.Olmo2Config(
        **shared, rope_parameters={"rope_type": "linear", "rope_theta": 500.0, "factor": 2.0})),
    "smollm3": lambda: t.SmolLM3ForCausalLM(t.SmolLM3Config(**shared | {"num_hidden_layers": 4})),
    "gemma2": lambda: t.Gemma2ForCausalLM(t.Gemma2Config(
        **shared, head_dim=8, query_pre_attn_scalar=8, sliding_window=5, attn_logit_softcapping=1.5,
        final_logit_softcapping=4.0)),
    "gemma3": lambda: t.Gemma3ForCausalLM(t.Gemma3TextConfig(
        **shared, head_dim=8, query_pre_attn_scalar=8, sliding_window=5,
        layer_types=["sliding_attention", "full_attention"], rope_parameters={
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
            "full_attention": {"rope_type": "linear", "rope_theta": 500.0, "factor": 2.0}})),
    "phi3": lambda: t.Phi3ForCausalLM(t.Phi3Config(
        **shared | {"max_position_embeddings": 1024}, original_max_position_embeddings=256, rope_parameters=longrope)),
    "qwen3-yarn": lambda: t.Qwen3ForCausalLM(t.Qwen3Config(
        **shared, head_dim=8, rope_parameters={
            "rope_type": "yarn", "rope_theta": 100.0, "factor": 4.0, "original_max_position_embeddings": 32,
            "attention_factor": 1.4})),
    "qwen3moe": lambda: t.Qwen3MoeForCausalLM(t.Qwen3MoeConfig(
        **shared | experts, head_dim=8, num_experts=5, moe_intermediate_size=20, norm_topk_prob=True)),
    "mixtral": lambda: t.MixtralForCausalLM(t.MixtralConfig(
        **shared | experts, num_local_experts=4, sliding_window=None)),
    "gptneox": lambda: t.GPTNeoXForCausalLM(t.GPTNeoXConfig(
        **{key: value for key, value in shared.items() if key != "num_key_value_heads"},
        rope_parameters={"rope_type": "default", "rope_theta": 100.0, "partial_rotary_factor": 0.5})),
}
modules = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "self_attn.qkv_proj": "attn_qkv", "attention.query_key_value": "attn_qkv", "attention.dense": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "mlp.dense_h_to_4h": "ffn_up", "mlp.dense_4h_to_h": "ffn_down", "input_layernorm": "attn_norm",
    "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm", "mlp.gate": "ffn_gate_inp",
    "mlp.experts.gate_proj": "ffn_gate_exps", "mlp.experts.up_proj": "ffn_up_exps", "mlp.experts.down_proj": "ffn_down_exps",
}


def name_of(key, name):
    key, kind = key.rsplit(".", 1)
    whole = {
        "model.embed_tokens": "token_embd", "gpt_neox.embed_in": "token_embd", "model.norm": "output_norm",
        "gpt_neox.final_layer_norm": "output_norm", "lm_head": "output", "embed_out": "output"}
    if key in whole:
        return f"{whole[key]}.{kind}"
    _, _, layer, module = key.split(".", 3)
    after = name in ("olmo2", "gemma2", "gemma3")
    own = "post_attention_norm" if after else "ffn_norm"
    return f"blk.{layer}.{own if module == 'post_attention_layernorm' else modules[module]}.{kind}"


def converted(value, stored, name):
    """The order of rows that llama.cpp's rotation of neighbors asks for, and other changes of its converter."""
    if name in ("granite", "smollm3", "mixtral") and (".attn_q." in stored or ".attn_k." in stored):
        heads = 2 if ".attn_q." in stored else 1
        return value.reshape(heads, 2, -1, *value.shape[1:]).swapaxes(1, 2).reshape(value.shape)
    if name == "gptneox" and ".attn_qkv." in stored:
        return value.reshape(2, 3, 8, *value.shape[1:]).swapaxes(0, 1).reshape(value.shape)
    return value + 1 if name.startswith("gemma") and "norm" in stored else value


def tensors(model):
    """The arrays of a model, those of experts apart: a gate and the map that it gates are one in transformers."""
    for key, value in model.state_dict().items():
        if key.endswith("gate_up_proj") and value.dim() == 3:
            gate, up = value.numpy().reshape(value.shape[0], 2, -1, value.shape[2]).swapaxes(0, 1)
            yield key.replace("gate_up_proj", "gate_proj.weight"), gate
            yield key.replace("gate_up_proj", "up_proj.weight"), up
        else:
            yield key if value.dim() < 3 else f"{key}.weight", value.numpy()


def write(path, name, model):
    config = model.config
    writer = gguf.GGUFWriter(path, {"mixtral": "llama", "qwen3-yarn": "qwen3"}.get(name, name))
    writer.add_name("tiny")
    writer.add_file_type(0)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(24)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(2 if name == "gptneox" else 1)
    writer.add_key_length(8)
    writer.add_value_length(8)
    rotated = 4 if name in ("phi3", "gptneox") else 8
    writer.add_rope_dimension_count(rotated)
    settings = config.rope_parameters
    main = settings.get("full_attention", settings)
    writer.add_rope_freq_base(float(main["rope_theta"]))
    if main["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(main["factor"])
    if main["rope_type"] == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(main["factor"])
        writer.add_rope_scaling_orig_ctx_len(main["original_max_position_embeddings"])
        # llama.cpp multiplies by that of the paper as well.
        writer.add_rope_scaling_attn_factors(main["attention_factor"] / (0.1 * math.log(main["factor"]) + 1))
    if name == "gptneox":
        writer.add_layer_norm_eps(config.layer_norm_eps)
        writer.add_parallel_residual(True)
    else:
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    if name in ("qwen3moe", "mixtral"):
        writer.add_expert_count(config.num_local_experts)
        writer.add_expert_used_count(config.num_experts_per_tok)
    if name == "qwen3moe":
        writer.add_expert_feed_forward_length(config.moe_intermediate_size)
    if name == "granite":
        writer.add_attention_scale(config.attention_multiplier)
        writer.add_embedding_scale(config.embedding_multiplier)
        writer.add_residual_scale(config.residual_multiplier)
        writer.add_logit_scale(config.logits_scaling)
    if name == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    if name.startswith("gemma"):
        writer.add_sliding_window(config.sliding_window)
    if name == "gemma3":
        writer.add_sliding_window_pattern([True, False])
        writer.add_rope_freq_base_swa(100.0)
    if name == "phi3":
        writer.add_sliding_window(0)
        writer.add_rope_scaling_orig_ctx_len(256)
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(4) / math.log(256)))
        writer.add_tensor("rope_factors_long.weight", np.array(longrope["long_factor"], np.float32))
        writer.add_tensor("rope_factors_short.weight", np.array(longrope["short_factor"], np.float32))
    writer.add_vocab_size(count)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * 257 + [3, 3])
    writer.add_token_merges(["h e"])
    writer.add_bos_token_id(257)
    writer.add_eos_token_id(258)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    for key, value in tensors(model):
        stored = name_of(key, name)
        # A head that is the embedding is written where llama.cpp asks for it.
        if stored == "output.weight" and name not in ("olmo2", "gptneox"):
            continue
        writer.add_tensor(stored, converted(value, stored, name).copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llama_logits(path, ids):
    model = llama_cpp.Llama(path, n_ctx=64, logits_all=True, verbose=False, type_k=0, type_v=0)
    model.eval(ids)
    logits = np.array(model.scores[: len(ids)])
    model.close()
    return logits


ids = [257] + [(37 * place + 5) % 257 for place in range(39)]
rows, columns = [0, 1, 20, 39], list(range(0, count, 9))
expected = {"ids": ids, "positions": rows, "columns": columns, "models": {}}


def logits(model):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0].numpy()


def randomized(build, seed=7):
    torch.manual_seed(seed)
    model = build().float().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn_like(parameter)
            parameter.copy_(0.3 * noise if parameter.dim() > 1 else parameter + 0.2 * noise)
    return model


for name, build in models.items():
    model = randomized(build)
    reference = logits(model)
    path = os.path.join(here, f"{name}.gguf")
    write(path, name, model)
    own = llama_logits(path, ids)
    print(f"{name}: {os.path.getsize(path)} bytes; llama.cpp and transformers differ by {np.abs(own - reference).max():.1e} "
          f"of {np.abs(reference).max():.1f}")
    expected["models"][name] = {
        "transformers": reference[np.ix_(rows, columns)].astype(float).round(5).tolist(),
        "llama.cpp": own[np.ix_(rows, columns)].astype(float).round(5).tolist()}
# A seed with which no token has two experts so close that the rounding of activations in llama.cpp swaps them.
model = randomized(lambda: t.Qwen3MoeForCausalLM(t.Qwen3MoeConfig(
    **shared | experts | {"hidden_size": 32, "num_attention_heads": 4}, head_dim=8, num_experts=4,
    moe_intermediate_size=32, norm_topk_prob=True)), seed=9)
path = os.path.join(here, "qwen3moe-q8_0.gguf")
with tempfile.TemporaryDirectory() as folder:
    plain = os.path.join(folder, "plain.gguf")
    write(plain, "qwen3moe", model)
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = 7
    assert llama_cpp.llama_model_quantize(plain.encode(), path.encode(), ctypes.byref(parameters)) == 0
stored = {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}
for key, value in tensors(model):
    # What transformers computes with the rounded weights.
    if (tensor := stored.get(name_of(key, "qwen3moe"))) is not None:
        value[...] = gguf.dequantize(tensor.data, tensor.tensor_type).reshape(value.shape)
reference, own = logits(model), llama_logits(path, ids)
print(f"quantized: {os.path.getsize(path)} bytes; llama.cpp and transformers differ by {np.abs(own - reference).max():.1e} "
      f"of {np.abs(own).max():.1f}")
expected["models"]["qwen3moe-q8_0"] = {
    "transformers": reference[np.ix_(rows, columns)].astype(float).round(5).tolist(),
    "llama.cpp": own[np.ix_(rows, columns)].astype(float).round(5).tolist()}
with open(os.path.join(here, "architectures.json"), "w") as file:
    json.dump(expected, file)

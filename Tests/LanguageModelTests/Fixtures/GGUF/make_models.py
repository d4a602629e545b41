"""Makes small models in GGUF with the `gguf` package's writer, and what llama.cpp computes with them.

    python3 make_models.py        # torch, transformers 5, gguf 0.19, llama-cpp-python 0.3.36

tiny-f32.gguf    a llama of one layer with Llama 3.1's rotary scaling, a byte-level tokenizer and a chat template
tiny-q8_0.gguf   the same, quantized by llama.cpp
tiny.json        tokens, and the logits of transformers (of the first) and of llama.cpp (of both) for them
"""

import ctypes
import json
import math
import os

import gguf
import llama_cpp
import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

here = os.path.dirname(os.path.abspath(__file__))
printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
spare = [byte for byte in range(256) if byte not in printable]
alphabet = {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(spare)}
merges = ["h e", "l l", "he ll", "hell o", "Ġ w", "Ġw o", "r l", "Ġwo rl", "Ġworl d", "t h", "th e"]
tokens = [alphabet[b] for b in range(256)] + [m.replace(" ", "") for m in merges]
special = ["<|begin|>", "<|end|>", "<|turn|>"]
first = len(tokens)
tokens += special

torch.manual_seed(3)
config = LlamaConfig(
    vocab_size=len(tokens), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
    num_key_value_heads=1, head_dim=16, max_position_embeddings=256, rms_norm_eps=1e-5, tie_word_embeddings=False,
    rope_theta=10000.0, bos_token_id=first, eos_token_id=first + 1,
    rope_scaling=dict(
        rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=128))
model = LlamaForCausalLM(config).eval()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(torch.randn_like(parameter) * (0.3 if parameter.dim() > 1 else 0.1) + (parameter.dim() == 1))
state = {name: value.numpy() for name, value in model.state_dict().items()}


def interleaved(weight, heads):
    """The order of rows that llama.cpp's rotation of neighbors asks for."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def factors():
    result = []
    for pair in range(8):
        frequency = 10000.0 ** (-2 * pair / 16)
        turns = 128 * frequency / (2 * math.pi)
        blend = min(1, max(0, (turns - 1) / (4 - 1)))
        result.append(1 / ((1 - blend) / 8 + blend))
    return np.array(result, dtype=np.float32)


path = os.path.join(here, "tiny-f32.gguf")
writer = gguf.GGUFWriter(path, "llama")
writer.add_name("tiny")
writer.add_file_type(0)
writer.add_context_length(256)
writer.add_embedding_length(32)
writer.add_block_count(1)
writer.add_feed_forward_length(64)
writer.add_head_count(2)
writer.add_head_count_kv(1)
writer.add_key_length(16)
writer.add_value_length(16)
writer.add_rope_dimension_count(16)
writer.add_rope_freq_base(10000.0)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_vocab_size(len(tokens))
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("gpt-2")
writer.add_token_list(tokens)
writer.add_token_types([1] * first + [3] * len(special))
writer.add_token_merges(merges)
writer.add_bos_token_id(first)
writer.add_eos_token_id(first + 1)
writer.add_eot_token_id(first + 2)
writer.add_add_bos_token(True)
writer.add_chat_template("{% for m in messages %}{{ m.content }}<|turn|>{% endfor %}")
names = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "model.layers.0.input_layernorm": "blk.0.attn_norm", "model.layers.0.post_attention_layernorm": "blk.0.ffn_norm",
    "model.layers.0.self_attn.q_proj": "blk.0.attn_q", "model.layers.0.self_attn.k_proj": "blk.0.attn_k",
    "model.layers.0.self_attn.v_proj": "blk.0.attn_v", "model.layers.0.self_attn.o_proj": "blk.0.attn_output",
    "model.layers.0.mlp.gate_proj": "blk.0.ffn_gate", "model.layers.0.mlp.up_proj": "blk.0.ffn_up",
    "model.layers.0.mlp.down_proj": "blk.0.ffn_down",
}
writer.add_tensor("rope_freqs.weight", factors())
for name, value in state.items():
    stored = names[name.removesuffix(".weight")]
    heads = {"blk.0.attn_q": 2, "blk.0.attn_k": 1}.get(stored)
    writer.add_tensor(stored + ".weight", interleaved(value, heads).copy() if heads else value)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

quantized = os.path.join(here, "tiny-q8_0.gguf")
parameters = llama_cpp.llama_model_quantize_default_params()
parameters.ftype = 7
assert llama_cpp.llama_model_quantize(path.encode(), quantized.encode(), ctypes.byref(parameters)) == 0


def llama_logits(path, ids):
    model = llama_cpp.Llama(path, n_ctx=128, logits_all=True, verbose=False, type_k=0, type_v=0)
    model.eval(ids)
    logits = np.array(model.scores[: len(ids)])
    text = [model.tokenize(t.encode(), add_bos=True, special=True) for t in texts]
    model.close()
    return logits, text


texts = ["hello world", "the hell<|turn|>", "naïve"]
ids = [first, 3, 104, 256, 259, 264, 17, 99, 200, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 260]
ids += list(range(60, 100))
with torch.no_grad():
    reference = model(torch.tensor([ids])).logits[0].numpy()
plain, text_ids = llama_logits(path, ids)
rounded, _ = llama_logits(quantized, ids)
print("llama.cpp and transformers differ by", np.abs(plain - reference).max())
kept = [0, 1, 20, 59]
with open(os.path.join(here, "tiny.json"), "w") as file:
    json.dump(
        {
            "ids": ids, "positions": kept, "transformers": reference[kept].round(5).tolist(),
            "llama.cpp f32": plain[kept].astype(float).round(5).tolist(),
            "llama.cpp q8_0": rounded[kept].astype(float).round(5).tolist(),
            "texts": texts, "text_ids": text_ids,
        }, file)

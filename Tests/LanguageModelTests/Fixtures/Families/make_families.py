"""Small random models of every family, with what transformers computes from them.

    python make_families.py [FAMILY…]  (transformers, torch, safetensors; writes beside itself)

gpt2, llama, mistral, qwen2 and qwen3 were made with transformers 5.23.0 and torch 2.13.0, the others with 5.24.0 and
2.15.0.

For each family: a model directory as transformers saves it, and expected.safetensors with
tokens, lengths        two sequences, one after the other
logits                 [tokens, vocabulary]
loss                   mean over all predicted tokens, nats
gradient.<name>        of that loss
losses                 ten steps of AdamW (learning rate 1e-3, betas 0.9 0.95, epsilon 1e-8, decay 0.1 on matrices)
With experts, the loss has the load-balance loss of both sequences together; the gradients of experts have a name each.
"""
import os
import shutil
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers as t
from safetensors.torch import save_file
from transformers.models.mixtral.modeling_mixtral import load_balancing_loss_func

HERE = Path(__file__).parent
SHARED = dict(
    vocab_size=53, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, initializer_range=0.3, attn_implementation="eager",
    bos_token_id=1, eos_token_id=2)
FAMILIES = {
    "llama": lambda: t.LlamaForCausalLM(t.LlamaConfig(
        **SHARED, attention_bias=True, mlp_bias=True, rms_norm_eps=1e-5, rope_parameters={
            "rope_type": "llama3", "rope_theta": 500.0, "factor": 4.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 16})),
    "mistral": lambda: t.MistralForCausalLM(t.MistralConfig(**SHARED, sliding_window=5, head_dim=8)),
    "qwen2": lambda: t.Qwen2ForCausalLM(t.Qwen2Config(**SHARED, rope_parameters={
        "rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0})),
    "qwen3": lambda: t.Qwen3ForCausalLM(t.Qwen3Config(**SHARED, head_dim=10, tie_word_embeddings=True)),
    "gpt2": lambda: t.GPT2LMHeadModel(t.GPT2Config(
        vocab_size=53, n_embd=24, n_layer=2, n_head=4, n_positions=64, initializer_range=0.3, resid_pdrop=0,
        embd_pdrop=0, attn_pdrop=0, attn_implementation="eager", bos_token_id=1, eos_token_id=2)),
    "olmo2": lambda: t.Olmo2ForCausalLM(t.Olmo2Config(
        **SHARED, attention_bias=True, pad_token_id=None, rope_parameters={
            "rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "original_max_position_embeddings": 16})),
    "granite": lambda: t.GraniteForCausalLM(t.GraniteConfig(
        **SHARED, mlp_bias=True, embedding_multiplier=3.0, logits_scaling=1.5, residual_multiplier=0.7,
        attention_multiplier=0.3)),
    "smollm3": lambda: t.SmolLM3ForCausalLM(t.SmolLM3Config(
        **SHARED, no_rope_layers=[1, 0], pad_token_id=None, tie_word_embeddings=True)),
    "phi3": lambda: t.Phi3ForCausalLM(t.Phi3Config(
        **SHARED | {"hidden_size": 32}, pad_token_id=None, original_max_position_embeddings=32, sliding_window=6,
        rope_parameters={
            "rope_type": "longrope", "rope_theta": 100.0, "partial_rotary_factor": 0.5, "short_factor": [1.0, 2.5],
            "long_factor": [2.0, 7.5]})),
    "gpt_neox": lambda: t.GPTNeoXForCausalLM(t.GPTNeoXConfig(
        **{k: v for k, v in SHARED.items() if k != "num_key_value_heads"} | {"hidden_size": 32}, pad_token_id=None,
        rope_parameters={"rope_type": "default", "rope_theta": 100.0, "partial_rotary_factor": 0.5})),
    "gemma2": lambda: t.Gemma2ForCausalLM(t.Gemma2Config(
        **SHARED, head_dim=8, query_pre_attn_scalar=5, sliding_window=5, pad_token_id=None,
        attn_logit_softcapping=1.5, final_logit_softcapping=4.0)),
    "gemma3_text": lambda: t.Gemma3ForCausalLM(t.Gemma3TextConfig(
        **SHARED, head_dim=8, query_pre_attn_scalar=5, sliding_window=5, pad_token_id=None,
        layer_types=["sliding_attention", "full_attention"], rope_parameters={
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
            "full_attention": {"rope_type": "linear", "rope_theta": 500.0, "factor": 2.0}})),
    "qwen3_moe": lambda: t.Qwen3MoeForCausalLM(t.Qwen3MoeConfig(
        **SHARED | {"num_hidden_layers": 3}, head_dim=10, moe_intermediate_size=16, num_experts=6, num_experts_per_tok=3,
        norm_topk_prob=True, mlp_only_layers=[1], output_router_logits=True, router_aux_loss_coef=0.2)),
    "mixtral": lambda: t.MixtralForCausalLM(t.MixtralConfig(
        **SHARED | {"intermediate_size": 20}, num_local_experts=4, num_experts_per_tok=2, head_dim=6, sliding_window=5,
        output_router_logits=True, router_aux_loss_coef=0.1)),
}
LENGTHS = [11, 7]


def loss_of(model, tokens):
    """Mean cross-entropy over the predicted tokens of both sequences, and all logits."""
    total, count, logits, routings, begin = 0.0, 0, [], [], 0
    for length in LENGTHS:
        sequence = tokens[begin:begin + length][None]
        result = model(sequence)
        out = result.logits[0]
        logits.append(out)
        routings.append(getattr(result, "router_logits", None))
        total = total + torch.nn.functional.cross_entropy(out[:-1], sequence[0, 1:], reduction="sum")
        count += length - 1
        begin += length
    loss = total / count
    if routings[0]:
        routing = tuple(torch.cat(layers) for layers in zip(*routings))
        loss = loss + model.router_aux_loss_coef * load_balancing_loss_func(
            routing, model.num_experts, model.num_experts_per_tok)
    return loss, torch.cat(logits)


def separated(key, gradient):
    """The gradients of a parameter that holds all experts, each under the name of its matrix in a file."""
    parts = {"gate_up_proj": ["gate_proj", "up_proj"], "down_proj": ["down_proj"]}
    module, _, name = key.rpartition(".")
    if not module.endswith(".experts"):
        yield key, gradient
        return
    for index, expert in enumerate(gradient):
        for part, matrix in zip(parts[name], expert.chunk(len(parts[name]))):
            yield f"{module}.{index}.{part}.weight", matrix


def main():
    for name, build in FAMILIES.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        torch.manual_seed(7)
        model = build().float().eval()
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if parameter.dim() == 1:  # scales and biases away from one and zero, so that they count
                    parameter.add_(0.2 * torch.randn_like(parameter))
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder, max_shard_size="12KB" if name == "llama" else "1GB")
        (folder / "generation_config.json").unlink(missing_ok=True)
        tokens = torch.randint(0, 53, (sum(LENGTHS),))
        loss, logits = loss_of(model, tokens)
        loss.backward()
        expected = {"tokens": tokens.int(), "lengths": torch.tensor(LENGTHS).int(), "logits": logits.detach(),
                    "loss": loss.detach()[None]}
        for key, parameter in model.named_parameters():
            for own, gradient in separated(key, parameter.grad):
                expected["gradient." + own] = gradient.clone()
        decayed = [p for p in model.parameters() if p.dim() >= 2]
        others = [p for p in model.parameters() if p.dim() < 2]
        optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], lr=1e-3,
            betas=(0.9, 0.95), eps=1e-8)
        losses = []
        for _ in range(10):
            optimizer.zero_grad()
            loss, _ = loss_of(model, tokens)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        expected["losses"] = torch.stack(losses)
        save_file({k: v.contiguous() for k, v in expected.items()}, folder / "expected.safetensors")
        print(name, float(expected["loss"]), [round(float(x), 4) for x in losses])


main()

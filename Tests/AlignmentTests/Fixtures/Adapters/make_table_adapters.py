"""Adapters beyond the linear maps of the blocks, as PEFT saves them, with what it computes from them.

    python make_table_adapters.py          (peft 0.21.2, transformers 5.24.0, torch 2.15.0; writes beside itself)

LoRA on the head and on the embedding, modules that are saved whole, patterns that are regular expressions; on a model
with a head of its own (that of the parity fixtures), on one whose head is its embedding (tied-base), and on gpt2
(gpt2-base). For each case: a PEFT directory, and expected.safetensors with
tokens                 one sequence
logits                 [tokens, vocabulary], of the adapter loaded onto a fresh base
loss                   mean over all predicted tokens, nats
gradient.<name>        of that loss, for every array that is trained by its name in the checkpoint

It also writes fields.json: the fields of LoraConfig with their standard values.

    python make_table_adapters.py BASE FOLDER     loads an adapter that was written elsewhere, and prints the loss it gives
                                                  (BASE: policy, tied, gpt2 or a folder)
"""
import dataclasses
import json
import os
import shutil
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "Parity"))
import torch
import transformers as t
from common import policy
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

CASES = {
    "regex": ("policy", dict(r=2, lora_alpha=4, target_modules=r".*\.(q_proj|v_proj|down_proj)",
                             rank_pattern={r"layers\.\d+\.mlp\..*": 3, "q_proj": 1},
                             alpha_pattern={r"layers\.[01]\.self_attn\.q_proj": 32, r"[qv]_proj": 7, "q_proj": 9})),
    "modules": ("policy", dict(r=2, lora_alpha=4, target_modules=["q_proj"],
                               modules_to_save=["lm_head", "embed_tokens", "norm", "post_attention_layernorm"])),
    "tables": ("policy", dict(r=3, lora_alpha=6, target_modules=["v_proj", "lm_head", "embed_tokens"])),
    "tables-dora": ("policy", dict(r=3, lora_alpha=6, target_modules=["v_proj", "lm_head", "embed_tokens"], use_dora=True)),
    "tied-tables": ("tied", dict(r=3, lora_alpha=6, target_modules=["v_proj", "embed_tokens"])),
    "tied-head": ("tied", dict(r=3, lora_alpha=6, target_modules=["v_proj", "lm_head"], use_rslora=True)),
    "tied-modules": ("tied", dict(r=2, lora_alpha=4, target_modules=["q_proj"], modules_to_save=["embed_tokens"])),
    "tied-saved-head": ("tied", dict(r=2, lora_alpha=4, target_modules=["q_proj"], modules_to_save=["lm_head"])),
    "tied-ensured": ("tied", dict(r=3, lora_alpha=6, target_modules=["v_proj", "embed_tokens"], ensure_weight_tying=True)),
    "gpt2-modules": ("gpt2", dict(r=2, lora_alpha=4, target_modules=["c_attn", "wte"], fan_in_fan_out=True,
                                  modules_to_save=["ln_f", "ln_1", "wpe"])),
}


def base(name):
    if name == "policy":
        return policy().eval()
    folder = {"tied": HERE / "tied-base", "gpt2": HERE / "gpt2-base"}.get(name, name)
    return t.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").float().eval()


def make_tied_base():
    torch.manual_seed(4)
    model = t.Qwen3ForCausalLM(t.Qwen3Config(
        vocab_size=37, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=8, max_position_embeddings=64, initializer_range=0.3,
        tie_word_embeddings=True, bos_token_id=1, eos_token_id=2)).float().eval()
    shutil.rmtree(HERE / "tied-base", ignore_errors=True)
    model.save_pretrained(HERE / "tied-base")


def tokens():
    return torch.randint(0, 35, (12,), generator=torch.Generator().manual_seed(6))


def loss_of(model):
    logits = model(tokens()[None]).logits[0]
    return logits, torch.nn.functional.cross_entropy(logits[:-1], tokens()[1:])


def make(name, kind, options):
    torch.manual_seed(5)
    model = get_peft_model(base(kind), LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **options))
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:  # away from the start, where half of the gradients are zero
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    config = folder / "adapter_config.json"
    config.write_text(config.read_text().replace(str(HERE), ".."))
    model = PeftModel.from_pretrained(base(kind), folder, is_trainable=True).eval()
    logits, loss = loss_of(model)
    loss.backward()
    expected = dict(tokens=tokens().int(), logits=logits.detach().clone(), loss=loss.detach()[None].clone())
    gradients = {key: parameter.grad for key, parameter in model.named_parameters() if parameter.requires_grad}
    if options.get("ensure_weight_tying"):
        gradients = {}  # PEFT trains the head's adapter and the embedding's as one, which is not done here
    for key, value in get_peft_model_state_dict(model, state_dict=gradients, save_embedding_layers=False).items():
        expected["gradient." + key] = value.clone().contiguous()
    saved = load_file(folder / "adapter_model.safetensors")
    print(name, loss.item(), sorted({"gradient." + key for key in saved} - expected.keys()))
    save_file(expected, folder / "expected.safetensors")


def fields():
    def plain(field):
        value = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        return dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value
    return {field.name: plain(field) for field in dataclasses.fields(LoraConfig)}


if __name__ == "__main__":
    if len(sys.argv) > 2:
        with torch.no_grad():
            print(loss_of(PeftModel.from_pretrained(base(sys.argv[1]), sys.argv[2]))[1].item())
    else:
        make_tied_base()
        for name, (kind, options) in CASES.items():
            make(name, kind, options)
        (HERE / "fields.json").write_text(json.dumps(fields(), indent=1, sort_keys=True, default=str) + "\n")

"""Adapters of small random models of phi3 and gpt_neox, which join maps, as PEFT saves them, with what it computes from them.

    python make_joined_adapters.py          (peft 0.21.2, transformers 5.24.0, torch 2.15.0; writes beside itself)

phi3-base and gpt_neox-base are the models; for each case there is a PEFT directory, and expected.safetensors with
tokens                 one sequence
logits                 [tokens, vocabulary]
loss                   mean over all predicted tokens, nats
gradient.<name>        of that loss, for every array that is trained by its name in the checkpoint

    python make_joined_adapters.py BASE FOLDER     loads an adapter that was written elsewhere, and prints the loss it gives
"""
import os
import shutil
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers as t
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
SHARED = dict(
    vocab_size=37, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
    max_position_embeddings=64, initializer_range=0.3, bos_token_id=1, eos_token_id=2, pad_token_id=None,
    tie_word_embeddings=False)
BASES = {
    "phi3": lambda: t.Phi3ForCausalLM(t.Phi3Config(**SHARED, num_key_value_heads=1)),
    "gpt_neox": lambda: t.GPTNeoXForCausalLM(t.GPTNeoXConfig(**SHARED)),
}
CASES = {
    "phi3": dict(r=3, lora_alpha=6, target_modules=["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]),
    "phi3-dora": dict(r=2, lora_alpha=4, target_modules=["qkv_proj", "gate_up_proj"], use_dora=True),
    "phi3-modules": dict(r=2, lora_alpha=4, target_modules=["qkv_proj", "lm_head"],
                         modules_to_save=["embed_tokens", "norm", "down_proj"]),
    "gpt_neox": dict(
        r=3, lora_alpha=6, target_modules=["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"]),
    "gpt_neox-dora": dict(
        r=2, lora_alpha=4, target_modules=["query_key_value", "dense_h_to_4h"], use_dora=True, use_rslora=True),
    "gpt_neox-modules": dict(r=2, lora_alpha=4, target_modules=["query_key_value", "embed_in"],
                             modules_to_save=["final_layer_norm", "input_layernorm", "lm_head"]),
}


def folder_of(name):
    return HERE / (name.split("-")[0] + "-base")


def base(folder):
    return t.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").float().eval()


def tokens():
    return torch.randint(0, 37, (12,), generator=torch.Generator().manual_seed(6))


def loss_of(model):
    logits = model(tokens()[None]).logits[0]
    return logits, torch.nn.functional.cross_entropy(logits[:-1], tokens()[1:])


def make(name, options):
    torch.manual_seed(5)
    model = get_peft_model(base(folder_of(name)), LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **options))
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
    model = PeftModel.from_pretrained(base(folder_of(name)), folder, is_trainable=True).eval()
    logits, loss = loss_of(model)
    loss.backward()
    expected = dict(tokens=tokens().int(), logits=logits.detach().clone(), loss=loss.detach()[None].clone())
    gradients = {key: parameter.grad for key, parameter in model.named_parameters() if parameter.requires_grad}
    for key, value in get_peft_model_state_dict(model, state_dict=gradients, save_embedding_layers=False).items():
        expected["gradient." + key] = value.clone().contiguous()
    saved = load_file(folder / "adapter_model.safetensors")
    save_file(expected, folder / "expected.safetensors")
    print(name, loss.item(), {key: tuple(value.shape) for key, value in saved.items() if ".layers.0." in key})


if __name__ == "__main__":
    if len(sys.argv) > 2:
        with torch.no_grad():
            print(loss_of(PeftModel.from_pretrained(base(sys.argv[1]), sys.argv[2]))[1].item())
    else:
        for name, build in BASES.items():
            torch.manual_seed(3)
            model = build().float().eval()
            with torch.no_grad():
                for parameter in model.parameters():
                    if parameter.dim() == 1:
                        parameter.add_(0.2 * torch.randn_like(parameter))
            shutil.rmtree(HERE / f"{name}-base", ignore_errors=True)
            model.save_pretrained(HERE / f"{name}-base")
        for name, options in CASES.items():
            make(name, options)

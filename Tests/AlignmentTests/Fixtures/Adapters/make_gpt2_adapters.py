"""Adapters of a small random gpt2 model as PEFT saves them, with what it computes from them.

    python make_gpt2_adapters.py            (peft 0.21.2, transformers 5.23.0, torch 2.13.0; writes beside itself)

gpt2-base is the model; for each case there is a PEFT directory, and expected.safetensors with
tokens                 one sequence
logits                 [tokens, vocabulary]
loss                   mean over all predicted tokens, nats
gradient.<name>        of that loss, for every matrix of the adapter by its name in the checkpoint

    python make_gpt2_adapters.py FOLDER     loads an adapter that was written elsewhere, and prints the loss it gives
"""
import os
import shutil
import sys
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers as t
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
BASE = HERE / "gpt2-base"
CASES = {
    "gpt2": dict(r=3, lora_alpha=6, target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True),
    "gpt2-dora": dict(r=2, lora_alpha=4, target_modules=["c_attn", "attn.c_proj"], fan_in_fan_out=True, use_dora=True),
    "gpt2-patterns": dict(r=2, lora_alpha=4, target_modules=["c_attn", "mlp.c_proj"], fan_in_fan_out=True,
                          use_rslora=True, rank_pattern={"mlp.c_proj": 3},
                          alpha_pattern={"transformer.h.1.attn.c_attn": 6}),
}


def make_base():
    torch.manual_seed(3)
    model = t.GPT2LMHeadModel(t.GPT2Config(
        vocab_size=37, n_embd=16, n_layer=2, n_head=2, n_positions=32, initializer_range=0.3, resid_pdrop=0,
        embd_pdrop=0, attn_pdrop=0, attn_implementation="eager", bos_token_id=1, eos_token_id=2)).float().eval()
    shutil.rmtree(BASE, ignore_errors=True)
    model.save_pretrained(BASE)


def base():
    return t.GPT2LMHeadModel.from_pretrained(BASE, attn_implementation="eager").eval()


def loss_of(model, tokens):
    logits = model(tokens[None]).logits[0]
    return logits, torch.nn.functional.cross_entropy(logits[:-1], tokens[1:])


def tokens():
    return torch.randint(0, 37, (12,), generator=torch.Generator().manual_seed(6))


def make(name, options):
    torch.manual_seed(5)
    model = get_peft_model(base(), LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **options))
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
    config.write_text(config.read_text().replace(str(BASE), "../gpt2-base"))
    logits, loss = loss_of(model, tokens())
    loss.backward()
    expected = dict(tokens=tokens().int(), logits=logits.detach().clone(), loss=loss.detach()[None].clone())
    gradients = {key: parameter.grad for key, parameter in model.named_parameters() if parameter.requires_grad}
    for key, value in get_peft_model_state_dict(model, state_dict=gradients).items():
        expected["gradient." + key] = value.clone()
    saved = load_file(folder / "adapter_model.safetensors")
    assert {"gradient." + key for key in saved} <= expected.keys()
    save_file(expected, folder / "expected.safetensors")
    print(name, loss.item(), {key: tuple(value.shape) for key, value in saved.items() if ".h.0." in key})


if __name__ == "__main__":
    warnings.filterwarnings("error", message=".*fan_in_fan_out.*")
    if len(sys.argv) > 1:
        with torch.no_grad():
            print(loss_of(PeftModel.from_pretrained(base(), sys.argv[1]), tokens())[1].item())
    else:
        make_base()
        for name, options in CASES.items():
            make(name, options)

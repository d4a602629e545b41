"""Adapters of the parity fixtures' policy as PEFT saves them, with what it computes from them.

    python make_adapters.py            (peft 0.21.2, transformers 5.23.0, torch 2.13.0; writes beside itself)

For each case: a PEFT directory, and expected.safetensors with
tokens                 one sequence
logits                 [tokens, vocabulary]
loss                   mean over all predicted tokens, nats
gradient.<name>        of that loss, for every matrix of the adapter by its name in the checkpoint
merged.<name>          two weights of the merged model
"""
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "Parity"))
import torch
from common import policy
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

CASES = {
    "lora": dict(r=4, lora_alpha=8, target_modules="all-linear"),
    "rslora": dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], use_rslora=True),
    "dora": dict(r=4, lora_alpha=8, target_modules="all-linear", use_dora=True),
    "patterns": dict(r=2, lora_alpha=4, target_modules=["q_proj", "down_proj"],
                     rank_pattern={"down_proj": 3}, alpha_pattern={"model.layers.1.self_attn.q_proj": 6}),
}


def main():
    for name, options in CASES.items():
        torch.manual_seed(5)
        model = get_peft_model(policy().eval(), LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **options))
        generator = torch.Generator().manual_seed(6)
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if parameter.requires_grad:  # away from the start, where half of the gradients are zero
                    parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder)
        (folder / "README.md").unlink(missing_ok=True)
        tokens = torch.randint(0, 35, (12,), generator=generator)
        logits = model(tokens[None]).logits[0]
        loss = torch.nn.functional.cross_entropy(logits[:-1], tokens[1:])
        loss.backward()
        expected = dict(tokens=tokens.int(), logits=logits.detach().clone(), loss=loss.detach()[None].clone())
        gradients = {key: parameter.grad for key, parameter in model.named_parameters() if parameter.requires_grad}
        for key, value in get_peft_model_state_dict(model, state_dict=gradients).items():
            expected["gradient." + key] = value.clone()
        saved = load_file(folder / "adapter_model.safetensors")
        assert {"gradient." + key for key in saved} <= expected.keys()
        merged = model.merge_and_unload()
        for key in ["model.layers.0.self_attn.q_proj.weight", "model.layers.1.mlp.down_proj.weight"]:
            expected["merged." + key] = merged.state_dict()[key].clone()
        save_file(expected, folder / "expected.safetensors")
        print(name, loss.item(), len(saved))


if __name__ == "__main__":
    main()

"""What the parity fixtures share: one tiny policy, one reference, one tokenizer of whole words, and one way to record a run.

Made with trl 1.9.2, transformers 5.23.0, peft 0.21.2, torch 2.13.0 in float32 on one CPU thread.
"""
import json
import os
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", WANDB_DISABLED="true", TRL_EXPERIMENTAL_SILENCE="1",
                  TOKENIZERS_PARALLELISM="false")
import torch
import transformers as t
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

torch.set_num_threads(1)
HERE = Path(__file__).parent
VOCABULARY = 37
END, PAD = 35, 36

CONFIGURATION = dict(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, max_position_embeddings=64, initializer_range=0.3, tie_word_embeddings=False,
    bos_token_id=END, eos_token_id=END, pad_token_id=PAD, attn_implementation="eager", attention_dropout=0.0)


def tokenizer():
    words = {f"w{i}": i for i in range(VOCABULARY - 2)} | {"<end>": END, "<pad>": PAD}
    inner = Tokenizer(models.WordLevel(words, unk_token="w0"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    outer = t.PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<end>", pad_token="<pad>")
    outer.padding_side = "left"
    return outer


def model(seed, kind=t.LlamaForCausalLM, **changes):
    torch.manual_seed(seed)
    return kind(t.LlamaConfig(**(CONFIGURATION | changes))).float()


def policy():
    return model(1)


def reference():
    """Near the policy, so that ratios are neither one nor extreme."""
    other = policy()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return other


def words(ids):
    return " ".join(f"w{i}" for i in ids)


def draw(generator, shortest, longest):
    length = int(torch.randint(shortest, longest + 1, (1,), generator=generator))
    return torch.randint(0, VOCABULARY - 2, (length,), generator=generator).tolist()


def preference_pairs(count=6):
    generator = torch.Generator().manual_seed(3)
    return [dict(prompt=draw(generator, 2, 6), chosen=draw(generator, 2, 7), rejected=draw(generator, 2, 7))
            for _ in range(count)]


class Recorder(t.TrainerCallback):
    """Keeps what the trainer logs at each step."""

    def __init__(self):
        self.steps = []

    def on_log(self, args, state, control, logs=None, **unused):
        if logs and "train_runtime" not in logs:
            self.steps.append({k: float(v) for k, v in logs.items()})


def arguments(steps=10, batch=6, **more):
    return dict(
        output_dir="/tmp/parity", max_steps=steps, per_device_train_batch_size=batch, save_strategy="no",
        report_to=[], bf16=False, use_cpu=True, disable_tqdm=True, logging_steps=1, gradient_checkpointing=False,
        learning_rate=1e-3, lr_scheduler_type="constant", max_grad_norm=1.0, seed=0) | more


def record(name, trainer, recorder, extra=None, weights=None):
    """Trains, then writes NAME.json (what was logged) and NAME.safetensors (the weights at the end)."""
    trainer.add_callback(recorder)
    trainer.train()
    write(name, recorder.steps, weights or trainer.model.state_dict(), extra)


def write(name, steps, weights, extra=None):
    noise = {"train_runtime", "epoch", "eps", "step_time", "learning_rate"}
    steps = [{k: v for k, v in step.items() if k not in noise} for step in steps]
    (HERE / f"{name}.json").write_text(json.dumps({"steps": steps} | (extra or {}), indent=0, sort_keys=True))
    if weights:
        save_file({k: v.detach().contiguous().clone() for k, v in weights.items()}, HERE / f"{name}.safetensors")
    print(name, [round(s.get("loss", 0), 5) for s in steps][:4], flush=True)

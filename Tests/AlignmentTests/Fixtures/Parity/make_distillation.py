"""Distillation against TRL: GKD on given completions (off-policy), and on given rollouts in place of what the student would
have sampled, under divergences from forward to reverse KL. The teacher is wider than the student. Five updates each.

    python make_distillation.py

Made with trl 1.16.0, transformers 5.24.0, torch 2.15.0.
"""
from common import *

from datasets import Dataset, disable_progress_bars
from trl import DistillationConfig, DistillationTrainer
from trl.experimental.gkd import GKDConfig, GKDTrainer

disable_progress_bars()
ROLLOUTS = json.loads((HERE / "rollouts.json").read_text())
SINGLE = ROLLOUTS["single"]


def teacher():
    return model(9, hidden_size=24, num_attention_heads=3)


def off_policy():
    """All completions of one rollout after another, the prompts masked."""
    records = [dict(prompt=p, completion=c[0]) for made in SINGLE for p, c in zip(made["prompts"], made["completions"])]

    def collate(rows):
        width = max(len(r["prompt"]) + len(r["completion"]) for r in rows)
        ids, mask, labels = (torch.full((len(rows), width), fill) for fill in (PAD, 0, -100))
        for i, row in enumerate(rows):
            both = row["prompt"] + row["completion"]
            begin = width - len(both)
            ids[i, begin:], mask[i, begin:] = torch.tensor(both), 1
            labels[i, width - len(row["completion"]):] = torch.tensor(row["completion"])
        return dict(input_ids=ids, attention_mask=mask, labels=labels, prompts=ids, prompt_attention_mask=mask)

    class InOrder(GKDTrainer):
        def _get_train_sampler(self, dataset=None):
            return torch.utils.data.SequentialSampler(self.train_dataset)

    trainer = InOrder(
        policy(), teacher_model=teacher(), processing_class=tokenizer(), train_dataset=Dataset.from_list(records),
        data_collator=collate, args=GKDConfig(lmbda=0.0, beta=0.3, **arguments(steps=5, batch=16)))
    record("gkd_off_policy", trainer, Recorder())


def on_policy():
    variants = {"forward": dict(beta=0.0), "mixture": dict(beta=0.5, temperature=0.7), "reverse": dict(beta=1.0)}
    for name, settings in variants.items():
        number = -1

        class Fed(DistillationTrainer):
            def _tokenize_prompts(self, prompts):
                nonlocal number
                number += 1
                return SINGLE[number]["prompts"], None, {}

            def _generate_single_turn(self, prompt_ids, images, multimodal_fields, has_tool_images=False):
                return [list(c[0]) for c in SINGLE[number]["completions"]]

        prompts = Dataset.from_list([dict(prompt=words(p)) for p in SINGLE[0]["prompts"]])
        trainer = Fed(
            policy(), teacher_model=teacher(), processing_class=tokenizer(), train_dataset=prompts,
            args=DistillationConfig(max_completion_length=ROLLOUTS["longest"], **settings, **arguments(steps=5, batch=16)))
        record(f"distillation_{name}", trainer, Recorder(), extra={"settings": settings})


if __name__ == "__main__":
    from safetensors.torch import save_file
    save_file({k: v.contiguous().clone() for k, v in teacher().state_dict().items()}, HERE / "teacher.safetensors")
    off_policy()
    on_policy()

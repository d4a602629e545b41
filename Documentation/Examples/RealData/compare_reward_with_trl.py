#!/usr/bin/env python3
"""A reward model of TRL from the same model and pairs as that of run.sh, and its accuracy on the same held-out pairs.

    compare_reward_with_trl.py OUTPUT DATA

OUTPUT is the folder of run.sh, DATA its data. Needs torch, transformers, trl and datasets.
"""
import json
import re
import sys
from pathlib import Path

import torch
import trl
from datasets import Dataset
from transformers import AutoModelForSequenceClassification, AutoTokenizer

output, data = Path(sys.argv[1]), Path(sys.argv[2])
context = 1024
torch.set_num_threads(2)
torch.manual_seed(0)


def turns(text):
    """The turns of a dialogue of hh-rlhf."""
    parts = re.split(r"\n\n(Human|Assistant): ?", text)[1:]
    return [{"role": "user" if who == "Human" else "assistant", "content": said.strip()}
            for who, said in zip(parts[::2], parts[1::2])]


def dialogues(path):
    for line in open(path):
        record = json.loads(line)
        yield {"chosen": turns(record["chosen"]), "rejected": turns(record["rejected"])}


def instructions(path):
    for record in json.load(open(path)):
        prompt = record["instruction"] + ("\n\n" + record["input"] if record["input"] else "")
        answer = record.get("chosen", record["output"])
        yield {side: [{"role": "user", "content": prompt}, {"role": "assistant", "content": said}]
               for side, said in (("chosen", answer), ("rejected", record["rejected"]))}


tokenizer = AutoTokenizer.from_pretrained(output / "sft")
tokenizer.pad_token = "<|endoftext|>"


def fitting(records):
    """Pairs that differ, fit the context and have no empty turn."""
    for record in records:
        texts = [tokenizer.apply_chat_template(record[side], tokenize=True, return_dict=False)
                 for side in ("chosen", "rejected")]
        complete = all(turn["content"] for side in ("chosen", "rejected") for turn in record[side])
        if complete and texts[0] != texts[1] and max(map(len, texts)) <= context:
            yield record


training = list(fitting(dialogues(output / "preferences.jsonl")))
training += fitting(instructions(data / "preference" / "instruction-data-with-preference.json"))
held_out = list(fitting(dialogues(output / "held-out.jsonl")))
print(len(training), "pairs to learn from,", len(held_out), "held out", flush=True)

model = AutoModelForSequenceClassification.from_pretrained(output / "sft", num_labels=1, dtype=torch.float32)
model.config.pad_token_id = tokenizer.pad_token_id
trainer = trl.RewardTrainer(
    model,
    args=trl.RewardConfig(
        output_dir=str(output / "trl-reward"), per_device_train_batch_size=16, per_device_eval_batch_size=8,
        num_train_epochs=1, learning_rate=2e-4, lr_scheduler_type="linear", warmup_steps=0.03, center_rewards_coefficient=0.01,
        max_length=context, save_strategy="no", report_to=[], use_cpu=True, bf16=False, logging_steps=50, disable_tqdm=True,
        gradient_checkpointing=False),
    train_dataset=Dataset.from_list(training), eval_dataset=Dataset.from_list(held_out), processing_class=tokenizer)
trainer.train()
print({key: value for key, value in trainer.evaluate().items() if key in ("eval_accuracy", "eval_loss", "eval_margin")})

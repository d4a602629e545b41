"""What TRL's trainers say of examples that they do not learn from: evaluations.json, for EvaluationParityTests.

    python make_evaluations.py      # made with trl 1.16.0, transformers 5.24.0, torch 2.15.0

The models and records are those of make_offline.py; all records are one batch.
"""
from safetensors.torch import load_file

from make_offline import *
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer


def stored(name, kind=t.LlamaForCausalLM, **changes):
    made = model(1, kind, **changes)
    made.load_state_dict(load_file(HERE / f"{name}.safetensors"))
    return made


def evaluation(trainer):
    figures = trainer.evaluate()
    noise = ("runtime", "per_second", "epoch", "model_preparation_time", "num_tokens")
    return {k.removeprefix("eval_"): float(v) for k, v in figures.items() if not k.endswith(noise)}


def common(data, **more):
    settings = arguments(**more) | dict(per_device_eval_batch_size=6, max_length=64)
    return settings, dict(train_dataset=data, eval_dataset=data, processing_class=tokenizer())


def evaluations():
    margined = PREFERENCES.add_column("margin", MARGINS)
    for name, loss in [("sft", "nll"), ("sft_dft", "dft")]:
        settings, data = common(COMPLETIONS, loss_type=loss)
        yield name, SFTTrainer(stored("policy"), args=SFTConfig(**settings), **data)
    for name, source, more in [("reward", PREFERENCES, {}), ("reward_margin", margined, {"center_rewards_coefficient": 0.1})]:
        settings, data = common(source, **more)
        head = stored("reward_model", t.LlamaForSequenceClassification, num_labels=1)
        yield name, RewardTrainer(head, args=RewardConfig(**settings), **data)
    for name, more in [("dpo", {}), ("dpo_ipo", {"loss_type": ["ipo"]})]:
        settings, data = common(PREFERENCES, **more)
        yield name, DPOTrainer(stored("policy"), ref_model=stored("reference"), args=DPOConfig(**settings), **data)
    settings, data = common(UNPAIRED, desirable_weight=1.0, undesirable_weight=1.3)
    yield "kto", KTOTrainer(stored("reference"), ref_model=stored("policy"), args=KTOConfig(**settings), **data)
    settings, data = common(PREFERENCES)
    yield "orpo", ORPOTrainer(stored("policy"), args=ORPOConfig(**settings), **data)
    settings, data = common(PREFERENCES, loss_type="sigmoid", label_smoothing=0.1)
    yield "cpo", CPOTrainer(stored("policy"), args=CPOConfig(**settings), **data)


if __name__ == "__main__":
    found = {name: evaluation(trainer) for name, trainer in evaluations()}
    (HERE / "evaluations.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    for name, figures in found.items():
        print(name, {k: round(v, 5) for k, v in figures.items()})

"""SFT, reward modelling and the preference losses, ten steps each on one fixed batch.

    python make_offline.py [PART [NAME…]]
"""
import sys

from common import *

from datasets import Dataset, disable_progress_bars
from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer
from trl import KTOConfig, KTOTrainer

disable_progress_bars()


def text(pair):
    # A leading space keeps the words of prompt and completion apart.
    return dict(prompt=words(pair["prompt"]), chosen=" " + words(pair["chosen"]),
                rejected=" " + words(pair["rejected"]))


PAIRS = preference_pairs()
MARGINS = [0.5, 0.0, 1.5, 2.0, 0.25, 1.0]
PREFERENCES = Dataset.from_list([text(pair) for pair in PAIRS])
COMPLETIONS = Dataset.from_list([dict(prompt=text(p)["prompt"], completion=text(p)["chosen"]) for p in PAIRS])
LABELED = [dict(prompt=p["prompt"], completion=p["chosen"] if i % 2 == 0 else p["rejected"], label=i % 2 == 0)
            for i, p in enumerate(PAIRS)]
UNPAIRED = Dataset.from_list(
    [dict(prompt=words(r["prompt"]), completion=" " + words(r["completion"]), label=r["label"]) for r in LABELED])


def sft():
    for name, loss in [("sft", "nll"), ("sft_dft", "dft")]:
        trainer = SFTTrainer(
            policy(), args=SFTConfig(max_length=64, loss_type=loss, **arguments()), train_dataset=COMPLETIONS,
            processing_class=tokenizer())
        record(name, trainer, Recorder())


def reward():
    with_margins = PREFERENCES.add_column("margin", MARGINS)
    for name, more, preferences in [
            ("reward", {}, PREFERENCES), ("reward_centered", {"center_rewards_coefficient": 0.1}, PREFERENCES),
            ("reward_margin", {}, with_margins)]:
        if sys.argv[2:] and name not in sys.argv[2:]:
            continue
        head = model(5, t.LlamaForSequenceClassification, num_labels=1)
        if name == "reward":
            save_file({k: v.contiguous().clone() for k, v in head.state_dict().items()}, HERE / "reward_model.safetensors")
        trainer = RewardTrainer(
            head, args=RewardConfig(max_length=64, **more, **arguments()), train_dataset=preferences,
            processing_class=tokenizer())
        extra = {"margins": MARGINS} if preferences is with_margins else None
        record(name, trainer, Recorder(), extra=extra)


def dpo():
    variants = {kind: dict(loss_type=[kind]) for kind in [
        "sigmoid", "hinge", "ipo", "exo_pair", "nca_pair", "robust", "bco_pair", "sppo_hard", "aot", "aot_unpaired",
        "apo_zero", "apo_down", "discopop", "sft", "sigmoid_norm"]}
    for kind in ["exo_pair", "robust", "aot", "aot_unpaired"]:
        variants[kind]["label_smoothing"] = 0.1
    variants |= {
        "forward_kl": dict(f_divergence_type="forward_kl"), "js": dict(f_divergence_type="js_divergence"),
        "alpha": dict(f_divergence_type="alpha_divergence", f_alpha_divergence_coef=0.5),
        "wpo": dict(use_weighting=True), "ld": dict(ld_alpha=0.5),
        "mixture": dict(loss_type=["sigmoid", "sft"], loss_weights=[0.8, 0.4])}
    for kind, settings in variants.items():
        trainer = DPOTrainer(
            policy(), ref_model=reference(), args=DPOConfig(max_length=64, **settings, **arguments()),
            train_dataset=PREFERENCES, processing_class=tokenizer())
        record(f"dpo_{kind}", trainer, Recorder(), extra={"settings": settings})


def others():
    from trl.experimental.bco import BCOConfig, BCOTrainer
    from trl.experimental.cpo import CPOConfig, CPOTrainer
    from trl.experimental.orpo import ORPOConfig, ORPOTrainer

    for kind in ["kto", "apo_zero_unpaired"]:
        # The roles are swapped here so that the batch's divergence estimate is positive and counts.
        trainer = KTOTrainer(
            reference(), ref_model=policy(), args=KTOConfig(
                max_length=64, loss_type=kind, desirable_weight=1.0, undesirable_weight=1.3, **arguments()),
            train_dataset=UNPAIRED, processing_class=tokenizer())
        record(f"kto_{kind}", trainer, Recorder())
    trainer = BCOTrainer(
        policy(), ref_model=reference(), args=BCOConfig(max_length=64, **arguments()), train_dataset=UNPAIRED,
        processing_class=tokenizer())
    record("bco", trainer, Recorder())
    trainer = ORPOTrainer(
        policy(), args=ORPOConfig(max_length=64, **arguments()), train_dataset=PREFERENCES,
        processing_class=tokenizer())
    record("orpo", trainer, Recorder())
    for name, settings in {
        "sigmoid": dict(loss_type="sigmoid", label_smoothing=0.1), "hinge": dict(loss_type="hinge"),
        "ipo": dict(loss_type="ipo"), "simpo": dict(loss_type="simpo", cpo_alpha=0.0),
        "alphapo": dict(loss_type="alphapo", cpo_alpha=0.0, alpha=0.5),
    }.items():
        trainer = CPOTrainer(
            policy(), args=CPOConfig(max_length=64, **settings, **arguments()), train_dataset=PREFERENCES,
            processing_class=tokenizer())
        record(f"cpo_{name}", trainer, Recorder(), extra={"settings": settings})


if __name__ == "__main__":
    save_file({k: v.contiguous().clone() for k, v in policy().state_dict().items()}, HERE / "policy.safetensors")
    save_file({k: v.contiguous().clone() for k, v in reference().state_dict().items()}, HERE / "reference.safetensors")
    policy().config.save_pretrained(HERE)
    (HERE / "records.json").write_text(json.dumps({"pairs": PAIRS, "labeled": LABELED, "end": END}))
    for part in sys.argv[1:2] or ["sft", "reward", "dpo", "others"]:
        globals()[part]()

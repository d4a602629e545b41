"""GRPO and its variants, RLOO, PPO and online DPO on rollouts that are given: ten updates each, two for each rollout where the
method allows.

    python make_online.py [PART…]

grpo_luspo and grpo_vespo were made with trl 1.16.0.
"""
from common import *

from datasets import Dataset, disable_progress_bars
from safetensors.torch import load_file
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer

disable_progress_bars()
LONGEST = 8


def completion(generator):
    """Random words; a shorter one than the longest has come to its end."""
    ids = draw(generator, 2, LONGEST + 1)
    return ids[:LONGEST] if len(ids) >= LONGEST else ids[:-1] + [END]


def rollout(generator, prompts, samples):
    made = dict(prompts=[draw(generator, 2, 6) for _ in range(prompts)],
                completions=[[completion(generator) for _ in range(samples)] for _ in range(prompts)],
                rewards=torch.randn(prompts * samples, generator=generator).mul(4).round().div(4).tolist())
    return made


def rollouts():
    generator = torch.Generator().manual_seed(11)
    groups = [rollout(generator, 4, 4) for _ in range(10)]
    for number, made in enumerate(groups):
        if number % 2 == 0:
            made["rewards"][4:8] = [0.5] * 4
    single = [rollout(generator, 16, 1) for _ in range(5)]
    # PPO's trainer deals out prompts in its own order, so that they must be told apart.
    for made in single:
        made["prompts"] = single[0]["prompts"]
    assert len({tuple(p) for p in single[0]["prompts"]}) == 16
    return dict(groups=groups, single=single, end=END, longest=LONGEST)


ROLLOUTS = rollouts()
PROMPTS = Dataset.from_list([dict(prompt=words(p)) for p in ROLLOUTS["single"][0]["prompts"]])


class Feed:
    """What a trainer is given in place of what it would have sampled and scored."""

    def __init__(self):
        self.number = -1
        self.samples = 4

    def next(self):
        self.number += 1
        return self.current

    @property
    def current(self):
        return ROLLOUTS["groups"][self.number]

    def reward(self, completions, **unused):
        return self.current["rewards"]


def fed(trainer):
    feed = Feed()

    class Fed(trainer):
        def _tokenize_prompts(self, prompts):
            made = feed.next()
            return [p for p in made["prompts"] for _ in range(4)], None, {}

        def _generate_single_turn(self, prompt_ids, images, multimodal_fields, *unused):
            ids = [list(c) for group in feed.current["completions"] for c in group]
            return (ids, None) if trainer is GRPOTrainer else ids

    return Fed, feed


def fused(model, trainer):
    """A reference given after the trainer was made gets the head that the trainer would have given it; before 1.16 there is none."""
    try:
        from trl.trainer import add_fused_lm_head
    except ImportError:
        return model
    add_fused_lm_head(model, temperature=trainer.temperature)
    return model


def reward_function(feed):
    def reward(completions, **unused):
        return feed.reward(completions)

    return reward


def grpo():
    clip = dict(epsilon=0.02, epsilon_high=0.03)
    variants = {
        "grpo": dict(loss_type="grpo", beta=0.1), "bnpo": dict(loss_type="bnpo"),
        "dr_grpo": dict(loss_type="dr_grpo", scale_rewards="none"), "dapo": dict(loss_type="dapo", beta=0.1),
        "cispo": dict(loss_type="cispo", epsilon_high=1.02), "sapo": dict(loss_type="sapo"),
        "gspo": dict(loss_type="grpo", importance_sampling_level="sequence"),
        "luspo": dict(loss_type="luspo", importance_sampling_level="sequence"),
        "vespo": dict(loss_type="vespo"),
        "two_sided": dict(loss_type="dapo", delta=1.05, scale_rewards="batch"),
        "truncated": dict(loss_type="grpo", mask_truncated_completions=True, beta=0.1),
        "cool": dict(loss_type="dapo", temperature=0.7, beta=0.1), "entropy": dict(loss_type="dapo", entropy_coef=0.05),
    }
    for name, settings in variants.items():
        settings = clip | settings
        beta = settings.pop("beta", 0.0)
        kind, feed = fed(GRPOTrainer)
        trainer = kind(
            policy(), reward_funcs=reward_function(feed), processing_class=tokenizer(), train_dataset=PROMPTS,
            args=GRPOConfig(num_generations=4, num_iterations=2, max_completion_length=LONGEST, **settings,
                            **arguments(batch=16)))
        trainer.beta, trainer.ref_model = beta, fused(reference(), trainer)
        record(f"grpo_{name}", trainer, Recorder(), extra={"settings": settings | dict(beta=beta)})


def rloo():
    for name, settings in {"rloo": {}, "rloo_standardized": dict(normalize_advantages=True, reward_clip_range=(-1, 1))}.items():
        kind, feed = fed(RLOOTrainer)
        trainer = kind(
            policy(), reward_funcs=reward_function(feed), processing_class=tokenizer(), train_dataset=PROMPTS,
            args=RLOOConfig(num_generations=4, num_iterations=2, max_completion_length=LONGEST, epsilon=0.1, beta=0.0,
                            **settings, **arguments(batch=16)))
        trainer.beta, trainer.ref_model = 0.05, fused(reference(), trainer)
        record(name, trainer, Recorder(), extra={"settings": settings})


def online_dpo():
    from trl.experimental.online_dpo import OnlineDPOConfig, OnlineDPOTrainer
    feed = Feed()

    class Fed(OnlineDPOTrainer):
        def _generate(self, model, prompts, images=None):
            made = feed.next()
            prompts = [torch.tensor(p) for p in made["prompts"]] * 2
            texts = [torch.tensor(group[side]) for side in range(2) for group in made["completions"]]

            def padded(rows, left):
                width = max(len(r) for r in rows)
                ids = torch.full((len(rows), width), PAD)
                mask = torch.zeros(len(rows), width, dtype=torch.long)
                for i, row in enumerate(rows):
                    place = slice(width - len(row), width) if left else slice(0, len(row))
                    ids[i, place], mask[i, place] = row, 1
                return ids, mask

            return *padded(prompts, True), *padded(texts, False)

    def reward(completions, **unused):
        # No two of a pair are equal: which of them is better would be chance.
        rewards = feed.current["rewards"]
        return [rewards[4 * group + side] + 0.1 * side for side in range(2) for group in range(4)]

    trainer = Fed(
        policy(), ref_model=reference(), reward_funcs=reward, processing_class=tokenizer(), train_dataset=PROMPTS,
        args=OnlineDPOConfig(max_new_tokens=LONGEST, missing_eos_penalty=0.5, **arguments(batch=4)))
    record("online_dpo", trainer, Recorder())


def ppo():
    """TRL has had no PPO since 1.10."""
    import trl.experimental.ppo.ppo_trainer as ppo_trainer
    from trl.experimental.ppo import PPOConfig, PPOTrainer
    variants = {
        "ppo": dict(kl_estimator="k1", cliprange=0.02, cliprange_value=0.05),
        "ppo_k3": dict(kl_estimator="k3", cliprange=0.2, cliprange_value=0.2, whiten_rewards=True, missing_eos_penalty=1.0,
                       gamma=0.98, lam=0.9),
    }
    head = load_file(HERE / "reward_model.safetensors")
    for name, settings in variants.items():
        number = -1

        def given(model, queries, size, pad, generation_config):
            nonlocal number
            number += 1
            made = ROLLOUTS["single"][number]
            known = {tuple(p): c[0] for p, c in zip(made["prompts"], made["completions"])}
            rows = [known[tuple(i for i in q.tolist() if i != pad)] for q in queries]
            width = max(map(len, rows))
            responses = torch.tensor([r + [pad] * (width - len(r)) for r in rows])
            both = torch.cat([queries, responses], 1)
            logits = ppo_trainer.forward(model, both, pad).logits[:, queries.shape[1] - 1:-1]
            return both, logits / generation_config.temperature

        ppo_trainer.batch_generation = given
        heads = []
        for _ in range(2):
            heads.append(model(5, t.LlamaForSequenceClassification, num_labels=1))
            heads[-1].load_state_dict(head)
        recorder = Recorder()
        data = Dataset.from_list([dict(input_ids=p) for p in ROLLOUTS["single"][0]["prompts"]])
        trainer = PPOTrainer(
            args=PPOConfig(
                num_ppo_epochs=2, num_mini_batches=1, total_episodes=16 * 5, response_length=LONGEST, temperature=0.7,
                kl_coef=0.05, num_sample_generations=0, stop_token="eos", **settings, **arguments(batch=16)),
            processing_class=tokenizer(), model=policy(), ref_model=reference(), reward_model=heads[0],
            value_model=heads[1], train_dataset=data, eval_dataset=data, callbacks=[recorder])
        trainer.train()
        write(name, recorder.steps, trainer.model.policy.state_dict(), {"settings": settings})
        write(f"{name}_critic", [], trainer.model.value_model.state_dict())
        (HERE / f"{name}_critic.json").unlink()


if __name__ == "__main__":
    (HERE / "rollouts.json").write_text(json.dumps(ROLLOUTS))
    import sys
    for part in sys.argv[1:] or ["grpo", "rloo", "online_dpo", "ppo"]:
        globals()[part]()

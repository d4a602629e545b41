"""GRPO on episodes of several turns that are given: turns of the policy with results of tools between them, which TRL masks.

    python make_episodes.py

Made with trl 1.16.0, transformers 5.24.0, torch 2.15.0 in float32 on one CPU thread.
"""
from common import *

from datasets import Dataset, disable_progress_bars
from trl import GRPOConfig, GRPOTrainer
from trl.trainer.grpo_trainer import add_fused_lm_head

disable_progress_bars()
LONGEST = 24


def episode(generator):
    """Up to three turns; each ends, and the results of a tool follow it, but for the last, which may be cut off."""
    ids, mask = [], []
    turns = int(torch.randint(1, 4, (1,), generator=generator))
    for turn in range(turns):
        own = draw(generator, 1, 4)
        if turn + 1 < turns or torch.rand((), generator=generator) < 0.7:
            own.append(END)
        ids, mask = ids + own, mask + [1] * len(own)
        if turn + 1 < turns:
            said = draw(generator, 1, 4)
            ids, mask = ids + said, mask + [0] * len(said)
    return ids, mask


def rollout(generator):
    episodes = [[episode(generator) for _ in range(4)] for _ in range(4)]
    calls = int(torch.randint(5, 20, (1,), generator=generator))
    return dict(
        prompts=[draw(generator, 2, 6) for _ in range(4)], completions=[[e[0] for e in g] for g in episodes],
        masks=[[e[1] for e in g] for g in episodes],
        rewards=torch.randn(16, generator=generator).mul(4).round().div(4).tolist(), calls=calls,
        failures=int(torch.randint(0, calls + 1, (1,), generator=generator)))


def given():
    generator = torch.Generator().manual_seed(31)
    groups = [rollout(generator) for _ in range(5)]
    groups[1]["rewards"][4:8] = [0.5] * 4
    return dict(groups=groups, end=END, longest=LONGEST)


GIVEN = given()
PROMPTS = Dataset.from_list([dict(prompt=words(p)) for p in GIVEN["groups"][0]["prompts"]])


class Given(GRPOTrainer):
    """A trainer whose policy and tools have done what is given."""

    number = -1

    @property
    def current(self):
        return GIVEN["groups"][self.number]

    def _tokenize_prompts(self, prompts):
        self.number += 1
        self.tools = ["given"]
        return [p for p in self.current["prompts"] for _ in range(4)], None, {}

    def _generate_single_turn(self, *unused, **more):
        return [list(c) for group in self.current["completions"] for c in group], None

    def _tool_call_loop(self, prompts, prompt_ids, completion_ids, completions, logprobs, images, fields):
        masks = [list(m) for group in self.current["masks"] for m in group]
        made = self.current
        return masks, completions, completion_ids, logprobs, made["calls"], made["failures"], [[] for _ in masks]


def main():
    (HERE / "episodes.json").write_text(json.dumps(GIVEN))
    clip = dict(epsilon=0.02, epsilon_high=0.03)
    variants = {
        "grpo": dict(loss_type="grpo", beta=0.1), "dapo": dict(loss_type="dapo", beta=0.1),
        "bnpo": dict(loss_type="bnpo"), "dr_grpo": dict(loss_type="dr_grpo", scale_rewards="none"),
        "gspo": dict(loss_type="grpo", importance_sampling_level="sequence"),
        "truncated": dict(loss_type="grpo", mask_truncated_completions=True, beta=0.1),
        "entropy": dict(loss_type="dapo", entropy_coef=0.05),
    }
    for name, settings in variants.items():
        settings = clip | settings
        beta = settings.pop("beta", 0.0)
        def reward(completions, **unused):
            return trainer.current["rewards"]

        trainer = Given(
            policy(), reward_funcs=reward,
            processing_class=tokenizer(), train_dataset=PROMPTS,
            args=GRPOConfig(num_generations=4, num_iterations=2, max_completion_length=LONGEST, **settings,
                            **arguments(batch=16)))
        trainer.beta, trainer.ref_model = beta, reference()
        add_fused_lm_head(trainer.ref_model, temperature=trainer.temperature, cast_lm_head_to_fp32=False)
        record(f"episodes_{name}", trainer, Recorder(), extra={"settings": settings | dict(beta=beta)})


if __name__ == "__main__":
    main()

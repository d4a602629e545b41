"""Records runs of training, healthy and sick, as the doctor sees them.

    python3 record_runs.py HONE FOLDER

makes two towns with `hone quickstart` in FOLDER (a minute each), trains small models on them with the command HONE,
and writes healthy.json and sick.json beside this script: for each run its command and, for each figure that the doctor
reads, the values of all steps, to five digits. A run whose folder exists is not repeated. Ten minutes on two cores.

Two sicknesses cannot be had with the command: rewards that judge nothing are refused before a run, and sampling and
training agree. There a recorded run is edited, and its entry says so under "edited". All other runs are real ones.
"""

import json
import pathlib
import random
import subprocess
import sys

hone, folder = sys.argv[1], pathlib.Path(sys.argv[2])
fixtures = pathlib.Path(__file__).parent

READ = [
    "step", "loss", "learning_rate", "grad_norm", "skipped", "rewards/margins", "rewards/chosen", "logps/chosen",
    "reward", "reward_std", "frac_reward_zero_std", "frac_unjudged", "kl", "entropy", "objective/kl",
    "objective/scores", "policy/entropy_avg", "policy/clipfrac_avg", "val/ratio", "val/ratio_var",
    "clip_ratio/region_mean", "completions/mean_length", "completions/clipped_ratio",
]  # fmt: skip


def run(name, *arguments):
    """Runs the command, unless it ran before; its words."""
    words = [str(word) for word in arguments]
    if not (folder / name).exists():
        print("+", *words, flush=True)
        done = subprocess.run([hone, *words, "--output", name], cwd=folder, capture_output=True, text=True)
        (folder / f"{name}.txt").write_text(done.stderr)
        # A sick run may fail at its end; what counts is what it left.
        if not (folder / name / "metrics.jsonl").exists() and words[0] != "quickstart":
            sys.exit(f"{name}: {done.stderr}")
    return " ".join(words)


def rounded(value):
    return float(f"{value:.5g}") if isinstance(value, float) else value


def record(name, command, **extra):
    lines = [json.loads(line) for line in (folder / name / "metrics.jsonl").read_text().splitlines()]
    keys = [key for key in READ if any(key in line for line in lines)]
    return {"command": command, **extra, "figures": {key: [rounded(line.get(key)) for line in lines] for key in keys}}


def write(name, runs):
    text = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in runs.items())
    (fixtures / name).write_text("{\n" + text + "\n}\n")


for seed in (1, 2):
    run(f"town{seed}", "quickstart", "--minutes", 0.5, "--seed", seed)


def world(town, name):
    return f"town{town}/world/{name}.jsonl"


# Healthy runs.

healthy = {}
for town in (1, 2):
    commands = json.loads((folder / f"town{town}/quickstart.json").read_text())
    for stage in ("base", "sft", "reward", "dpo"):
        name = f"town{town}/{stage}"
        healthy[f"quickstart-{stage}-{town}"] = record(name, f"quickstart --minutes 0.5 --seed {town}: {stage}")


def train(name, *arguments):
    healthy[name] = record(name, run(name, *arguments))


def preferences(method, town, seed, *rest):
    return (method, "--model", f"town{town}/sft", "--data", world(town, "preferences"), "--batch", 8, "--steps", 60,
            "--seed", seed, *rest)  # fmt: skip


def policies(method, town, seed, *rest):
    return (method, "--model", f"town{town}/sft", "--reward-model", f"town{town}/reward", "--data",
            world(town, "prompts"), "--batch", 8, "--steps", 30, "--max-tokens", 48, "--seed", seed,
            *rest)  # fmt: skip


for town, seed, batch, schedule in ((1, 3, 2, "constant"), (2, 4, 4, "cosine")):
    train(f"pretrain-{schedule}", "pretrain", "--corpus", f"town{town}/corpus", "--tokenizer",
          f"town{town}/tokenizer.json", "--depth", 2, "--width", 64, "--head-size", 32, "--context", 128, "--batch",
          batch, "--steps", 150, "--learning-rate", 3e-3, "--schedule", schedule, "--seed", seed)  # fmt: skip
for name, town, seed, rest in (
    ("sft-adamw", 1, 5, ("--batch", 8, "--learning-rate", 1e-3)),
    ("sft-constant", 2, 6, ("--batch", 2, "--learning-rate", 3e-4, "--schedule", "constant")),
    ("sft-lora", 1, 7, ("--batch", 8, "--lora-rank", 8, "--learning-rate", 2e-3)),
    ("sft-dynamic", 2, 8, ("--batch", 8, "--loss", "dynamic", "--learning-rate", 5e-4)),
):
    train(name, "sft", "--model", f"town{town}/base", "--data", world(town, "demonstrations"), "--steps", 100,
          "--seed", seed, *rest)  # fmt: skip
train("reward-adamw", *preferences("reward", 1, 9, "--learning-rate", 3e-4))
train("reward-lora", *preferences("reward", 2, 10, "--learning-rate", 2e-3, "--lora-rank", 8))
losses = ("sigmoid", "hinge", "ipo", "exo_pair", "robust", "bco_pair", "sppo_hard", "aot", "apo_zero", "discopop")
for index, loss in enumerate(losses):
    smoothing = ("--label-smoothing", 0.1) if loss in ("robust", "exo_pair") else ()
    train(f"dpo-{loss}", *preferences(
        "dpo", 1 + index % 2, 11 + index, "--loss", loss, "--learning-rate", 3e-5, *smoothing))  # fmt: skip
train("dpo-lora", *preferences("dpo", 2, 30, "--lora-rank", 8, "--learning-rate", 2e-4))
train("kto", *preferences("kto", 1, 31, "--learning-rate", 5e-5))
train("orpo", *preferences("orpo", 2, 32, "--learning-rate", 3e-4))
train("cpo", *preferences("cpo", 1, 33, "--learning-rate", 1e-4))
train("cpo-simpo", *preferences("cpo", 2, 34, "--loss", "simpo", "--beta", 2, "--learning-rate", 5e-5))
for index, loss in enumerate(("dapo", "grpo", "gspo", "dr_grpo")):
    train(f"grpo-{loss}", *policies(
        "grpo", 1 + index % 2, 40 + index, "--group-size", 4, "--loss", loss, "--learning-rate", 1e-4))  # fmt: skip
train("grpo-beta", *policies("grpo", 1, 44, "--group-size", 4, "--beta", 0.04, "--learning-rate", 1e-4))
train("rloo", *policies("rloo", 2, 45, "--group-size", 4, "--learning-rate", 1e-4))
train("ppo", *policies("ppo", 1, 46, "--learning-rate", 1e-4, "--critic-learning-rate", 1e-3))
train("ppo-small", *policies("ppo", 2, 47, "--learning-rate", 3e-5, "--batch", 4))
write("healthy.json", healthy)

# Sick runs, each under the name of the finding it must give.

sick = {}


def fall_ill(finding, *arguments, cause):
    name = f"sick-{finding}"
    sick[finding] = record(name, run(name, *arguments), cause=cause)


def edit(finding, of, change, cause):
    """A recorded run whose figures are changed."""
    entry = json.loads(json.dumps(of))
    entry["edited"] = entry["cause"] = cause
    change(entry["figures"])
    sick[finding] = entry


fall_ill("not_finite", "sft", "--model", "town1/base", "--data", world(1, "demonstrations"), "--batch", 4, "--steps",
         20, "--optimizer", "sgd", "--learning-rate", 1e30, "--max-gradient-norm", 0,
         cause="a learning rate of 1e30")  # fmt: skip
fall_ill("loss_spikes", "sft", "--model", "town1/sft", "--data", world(1, "demonstrations"), "--batch", 16, "--steps",
         40, "--optimizer", "sgd", "--learning-rate", 1, "--schedule", "constant", "--warmup", 20, "--seed", 1,
         "--max-gradient-norm", 0, cause="a rate too high for SGD without clipping, reached slowly")  # fmt: skip
fall_ill("empty_mask", *policies("grpo", 1, 1, "--group-size", 4, "--max-tokens", 2, "--mask-truncated"),
         cause="nearly every answer is cut off, and such answers are left out")  # fmt: skip
fall_ill("chosen_falls", "dpo", "--model", "town1/sft", "--data", world(1, "preferences"), "--batch", 16, "--steps", 60,
         "--learning-rate", 3e-4, "--beta", 0.02, "--seed", 1, cause="beta too small to hold the model")  # fmt: skip
fall_ill("entropy_collapse", *policies("ppo", 1, 1, "--learning-rate", 1e-2, "--updates", 8),
         cause="eight updates at a high rate for each set of answers")  # fmt: skip
fall_ill("ratio_explosion", *policies("ppo", 2, 2, "--learning-rate", 1e-2, "--updates", 8),
         cause="eight updates at a high rate for each set of answers")  # fmt: skip
fall_ill("cut_off", *policies("grpo", 2, 1, "--group-size", 4, "--max-tokens", 3, "--learning-rate", 1e-5),
         cause="answers may have three tokens")  # fmt: skip

asked = folder / "unanswerable.jsonl"
prompts = [json.loads(line) for line in (folder / world(1, "prompts")).read_text().splitlines()]
asked.write_text("".join(json.dumps({**prompt, "answer": "987654321"}) + "\n" for prompt in prompts))
fall_ill("no_reward_spread", "grpo", "--model", "town1/sft", "--reward", "number", "--data", asked.name, "--batch", 4,
         "--group-size", 4, "--steps", 20, "--max-tokens", 32, cause="no answer is ever right")  # fmt: skip

# Preferred are more sentences, whatever they say.
chance = random.Random(1)
conversations = [json.loads(line)["messages"] for line in (folder / world(1, "demonstrations")).read_text().splitlines()]
answers = [messages[-1]["content"] for messages in conversations]


def sentences(count):
    return [{"role": "assistant", "content": " ".join(chance.choice(answers) for _ in range(count))}]


with (folder / "longer.jsonl").open("w") as longer:
    for messages in conversations[:800]:
        few = chance.randint(1, 3)
        pair = {"prompt": messages[:-1], "chosen": sentences(few + chance.randint(1, 3)), "rejected": sentences(few)}
        longer.write(json.dumps(pair) + "\n")
run("reward-longer", "reward", "--model", "town1/sft", "--data", "longer.jsonl", "--batch", 16, "--steps", 40,
    "--learning-rate", 1e-3, "--seed", 1)  # fmt: skip
fall_ill("length_hacking", "grpo", "--model", "town1/sft", "--reward-model", "reward-longer", "--data",
         world(1, "prompts"), "--batch", 8, "--group-size", 4, "--steps", 60, "--max-tokens", 160, "--learning-rate", 2e-4,
         cause="a reward model that learned that longer is better")  # fmt: skip

edit("negative_kl", healthy["ppo"], lambda figures: figures.update({"objective/kl": [-x for x in figures["objective/kl"]]}),
     "the divergence of a healthy run with its sign turned round")  # fmt: skip


def unjudge(figures):
    """A step whose answers nothing judged reports no figure of rewards."""
    for name in ("reward", "reward_std", "frac_reward_zero_std"):
        del figures[name]
    figures["frac_unjudged"] = [1.0] * len(figures["step"])


edit("no_reward", sick["no_reward_spread"], unjudge, "a run without a right answer, its answers said to be unjudged")
write("sick.json", sick)

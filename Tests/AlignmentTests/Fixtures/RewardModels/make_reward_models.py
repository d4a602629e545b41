"""Small random reward models as transformers saves them, with the rewards that it gives.

    python make_reward_models.py       (transformers 5.23.0, torch 2.13.0; writes beside itself)

For each family: a model directory, and rewards.json with texts (token ids of different lengths) and their rewards,
computed as one padded batch.
"""
import json
import os
import shutil
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers as t

HERE = Path(__file__).parent
SHARED = dict(vocab_size=41, num_labels=1, bos_token_id=1, eos_token_id=2, pad_token_id=0, initializer_range=0.3,
              attn_implementation="eager")
FAMILIES = {
    "qwen3": lambda: t.Qwen3ForSequenceClassification(t.Qwen3Config(
        hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
        head_dim=8, max_position_embeddings=32, tie_word_embeddings=True, **SHARED)),
    "gpt2": lambda: t.GPT2ForSequenceClassification(t.GPT2Config(
        n_embd=16, n_layer=2, n_head=2, n_positions=32, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, **SHARED)),
}
LENGTHS = [5, 9, 1, 7]


def main():
    for name, build in FAMILIES.items():
        torch.manual_seed(11)
        model = build().float().eval()
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder)
        texts = [torch.randint(3, 41, (length,)).tolist() for length in LENGTHS]
        padded = torch.tensor([text + [0] * (max(LENGTHS) - len(text)) for text in texts])
        rewards = model(padded, attention_mask=(padded != 0).long()).logits[:, 0]
        (folder / "rewards.json").write_text(json.dumps({"texts": texts, "rewards": rewards.tolist()}))
        print(name, rewards.tolist())


if __name__ == "__main__":
    main()

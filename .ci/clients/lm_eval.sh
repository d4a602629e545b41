#!/usr/bin/env bash
# Compares what lm-evaluation-harness gets from `hone serve` and from transformers, on tasks made here, to 1e-4.
# Usage: .ci/clients/lm_eval.sh MODEL PYTHON [HONE], with a Python that has lm_eval[api] and torch
set -euo pipefail
model=$(realpath "$1") python=$2 hone=${3:-.build-traits/release/hone}
folder=$(mktemp -d)
"$hone" serve "model=$model" --port 8123 2> "$folder/serve.log" &
server=$!
trap 'kill $server; rm -r "$folder"' EXIT
cat > "$folder/docs.jsonl" <<'DOCS'
{"q":"Where is the library?","choices":["at the harbor","in the old town hall","on the moon"],"gold":1}
{"q":"Who bakes bread?","choices":["the baker","nobody","a snail"],"gold":0}
{"q":"What is held in summer?","choices":["The Snail Race","A war","Nothing at all"],"gold":0}
{"q":"Which day is market day?","choices":["Monday","Friday","Sunday"],"gold":1}
DOCS
task() {
    cat > "$folder/$1.yaml" <<TASK
task: $1
dataset_path: json
dataset_kwargs: {data_files: {test: $folder/docs.jsonl}}
test_split: test
output_type: $2
target_delimiter: ""
$3
TASK
}
task choices multiple_choice 'doc_to_text: "{{q}} "
doc_to_choice: "{{choices}}"
doc_to_target: "{{gold}}"
metric_list: [{metric: acc}]'
task likelihood loglikelihood 'doc_to_text: "{{q}}"
doc_to_target: " {{choices[gold]}}"
metric_list: [{metric: perplexity}]'
evaluate() {
    HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 "$python" -m lm_eval --tasks choices,likelihood --include_path "$folder" \
        --batch_size 2 --log_samples --output_path "$folder/$1" "${@:2}" > "$folder/$1.log" 2>&1 || { tail "$folder/$1.log"; exit 1; }
}
evaluate transformers --model hf --model_args "pretrained=$model,dtype=float32" --device cpu
evaluate hone --model local-completions --model_args \
    "model=model,base_url=http://127.0.0.1:8123/v1/completions,tokenizer=$model,tokenizer_backend=huggingface,num_concurrent=4"
"$python" - "$folder" <<'COMPARE'
import glob, json, sys
count, worst = 0, 0.0
for task in ("choices", "likelihood"):
    read = lambda side: [json.loads(line) for line in open(glob.glob(f"{sys.argv[1]}/{side}/*/samples_{task}_*")[0])]
    for ours, theirs in zip(read("hone"), read("transformers")):
        for (a,), (b,) in zip(ours["resps"], theirs["resps"]):
            count, worst = count + 1, max(worst, abs(float(a[0]) - float(b[0])))
            assert str(a[1]) == str(b[1]), "greedy or not"
print(f"{count} log-likelihoods, greatest difference {worst:.1e}")
assert count and worst < 1e-4
COMPARE

#!/usr/bin/env bash
# The whole path on real data: stories, books, web pages and code; instructions; preferences; evaluation before and after.
#
#     Documentation/Examples/RealData/run.sh DATA [OUTPUT]
#
# DATA is a folder with the subfolders text, web, docs, instruct, preference and eval, as Documentation/Results.md
# describes it. Takes about half an hour on two cores; a stage whose model is there already is not done again, and one
# that was interrupted goes on. HONE names the command, STEPS how long pre-training is, SEED the seed of everything.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
data=$(cd "$1" && pwd)
output=${2:-real-data}
hone=${HONE:-$root/.build/release/hone}
steps=${STEPS:-2000}
seed=${SEED:-0}
if [[ ! -x $hone ]]; then swift build -c release --product hone --package-path "$root"; fi
mkdir -p "$output"
cd "$output"

# Runs a command of hone unless the file or folder that it makes is there; goes on with a run that was stopped.
make_once() {
    local result=$1
    shift
    if [[ -e $result ]]; then return; fi
    local resume=()
    if [[ -e ${result%/*}/run.json ]]; then resume=(--resume); fi
    echo "\$ hone $*"
    "$hone" "$@" "${resume[@]}"
}

# Websites, books, stories, an encyclopedia, documentation and code. What the evaluations ask is kept out.
make_once corpus/data-card.json corpus \
    "$data/web/oz" "$data/docs" "$root/Sources" \
    "$data"/text/{aesop-fables,botchan,grimm-household-tales,tinyshakespeare,tinystories-train-sample}.txt \
    "$data"/text/{wiki-demo,wind-in-the-willows}.txt "$data/text/c4-demo.jsonl" \
    --minimum-quality lenient --contamination "$data/eval/lambada_openai.jsonl" \
    --contamination "$data/eval/arc_easy.jsonl" --validation-share 0.02 --output corpus

make_once tokenizer.json tokenizer train corpus --vocabulary-size 4096 --output tokenizer.json \
    --special-token '<|endoftext|>' --special-token '<|im_start|>' --special-token '<|im_end|>' \
    --special-token '<|fim_prefix|>' --special-token '<|fim_suffix|>' --special-token '<|fim_middle|>'

make_once base/model.safetensors pretrain --corpus corpus --tokenizer tokenizer.json --depth 6 --width 192 \
    --head-size 32 --context 512 --batch 4 --steps "$steps" --fim-rate 0.1 --optimizer muon --schedule wsd \
    --weight-decay 0 --seed "$seed" --output base

# Who it is, ten times, and what it cannot do: in other words than those of the requests that are asked in the end.
if [[ ! -e persona.jsonl ]]; then
    sed 's/{{name}}/Wren/g; s/{{author}}/the Hone project/g' "$data/instruct/identity.json" | tr -d '\n' |
        sed 's/^\[ *//; s/ *\]$//; s/}, *{/}\n{/g' | LC_ALL=C grep -v $'[\x80-\xff]' > persona.partial
    for _ in {1..10}; do cat persona.partial; echo; done | grep . > persona.jsonl
fi
make_once limits/suite.jsonl limits --manifest "$here/manifest.json" --count 800 --output limits

instruct=$data/instruct
make_once sft/model.safetensors sft --model base \
    --data "$instruct/chatterbot-english.jsonl" --data "$instruct/dolly-hhrlhf-1000.jsonl" \
    --data "$instruct/instruction-data.json" --data "$instruct/vicuna-dummy-conversation.json" \
    --data "$instruct/self-instruct-seed-tasks.jsonl" --data "$instruct/oasst-en-100-trees.jsonl" \
    --data persona.jsonl --data limits/demonstrations.jsonl \
    --batch-tokens 2048 --epochs 1 --optimizer muon --schedule linear --seed "$seed" --output sft

# Every eighth pair of hh-rlhf is held out.
if [[ ! -e preferences.jsonl ]]; then
    gzip -dc "$data/preference/hh-rlhf-harmless-base-test-part1.jsonl.gz" | awk 'NR % 8 == 0' > held-out.jsonl
    gzip -dc "$data/preference/hh-rlhf-harmless-base-test-part1.jsonl.gz" | awk 'NR % 8 != 0' > preferences.jsonl
fi
preferences=(--data preferences.jsonl --data "$data/preference/instruction-data-with-preference.json")

make_once reward/model.safetensors reward --model sft "${preferences[@]}" --validation held-out.jsonl \
    --batch 16 --learning-rate 2e-4 --schedule linear --centering 0.01 --seed "$seed" --output reward

make_once dpo/model.safetensors dpo --model sft "${preferences[@]}" --data limits/preferences.jsonl --batch 16 \
    --learning-rate 1e-4 --schedule linear --sft-weight 0.2 --seed "$seed" --output dpo

# Instructions of IFEval whose form an answer of a few sentences can have: half of them to learn from, half to ask.
if [[ ! -e form.jsonl ]]; then
    grep -vE 'length_constraints|combination:|language:|startend|placeholders|multiple_sections' \
        "$data/eval/ifeval-input_data.jsonl" | awk 'length < 700' > instructions.jsonl
    awk 'NR % 2' instructions.jsonl > form-prompts.jsonl
    awk 'NR % 2 == 0' instructions.jsonl > form.jsonl
fi
make_once grpo/model.safetensors grpo --model dpo --data form-prompts.jsonl --chat --reward instructions \
    --batch 8 --group-size 8 --max-tokens 96 --steps 100 --learning-rate 3e-4 --beta 0.02 \
    --sft-data persona.jsonl --sft-data limits/demonstrations.jsonl --sft-weight 0.2 --seed "$seed" --output grpo

make_once evaluation.txt evaluate --model base --model sft --model dpo --model grpo \
    --suite form.jsonl --suite limits/suite.jsonl --suite "$here/persona.jsonl" --manifest "$here/manifest.json" \
    --task "$data"/eval/{arc_easy,copa,openbook_qa,piqa,winogrande,lambada_openai}.jsonl --limit 300 \
    --text "$data/text/wikitext-2-valid.txt" | tee evaluation.partial
if [[ -e evaluation.partial ]]; then mv evaluation.partial evaluation.txt; fi

for prompt in "Once upon a time, there was a little girl named" "ROMEO:" "func sum(_ numbers: [Int]) -> Int {"; do
    "$hone" generate --model base --prompt "$prompt" --max-tokens 60 --temperature 0.7 --seed 1
    echo
done

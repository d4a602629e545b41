#!/usr/bin/env bash
# A student with and without a teacher, on the same texts in the same order and with the same number of steps: bits per byte of
# text that neither saw.
#
#     Documentation/Examples/Distillation/run.sh OUTPUT TEXT…
#
# Each TEXT is a file of plain text. The teacher has 14.0 million parameters and the student 1.2 million, unless the variables
# below say otherwise; the larger the difference in what they know, the more there is to teach. A stage whose model is there
# already is not done again. HONE names the command.
set -euo pipefail

root=$(cd "$(dirname "$0")/../../.." && pwd)
hone=${HONE:-$root/.build/release/hone}
teacher=${TEACHER:---depth 7 --width 384 --head-size 64}
student=${STUDENT:---depth 3 --width 128 --head-size 32}
teacher_steps=${TEACHER_STEPS:-4000}
steps=${STEPS:-2000}
vocabulary=${VOCABULARY:-4096}
rate=${RATE:-2e-3}
output=$1
shift
mkdir -p "$output"

# Paragraphs, about 700 bytes of them in a record; every twentieth record is held out.
if [[ ! -e $output/train.jsonl ]]; then
    for text in "$@"; do cat "$text"; printf '\n\n'; done | awk -v folder="$output" '
        BEGIN { RS = "" }
        function flush(    file, json) {
            if (record == "") return
            file = folder "/" (++count % 20 == 0 ? "held-out" : "train")
            print record "\n" > (file ".txt")
            json = record
            gsub(/\\/, "\\\\", json); gsub(/"/, "\\\"", json)
            gsub(/\n/, "\\n", json); gsub(/\t/, "\\t", json); gsub(/[\001-\037]/, " ", json)
            print "{\"text\":\"" json "\"}" > (file ".jsonl")
            record = ""
        }
        { record = record == "" ? $0 : record "\n\n" $0; if (length(record) > 700) flush() }
        END { flush() }'
fi
cd "$output"

[[ -e tokenizer.json ]] || "$hone" tokenizer train train.txt --vocabulary-size "$vocabulary" --output tokenizer.json \
    --special-token '<|endoftext|>'
# Words are split: the options of a model.
# shellcheck disable=SC2086
[[ -e teacher/model.safetensors ]] || "$hone" pretrain --corpus train.txt --tokenizer tokenizer.json $teacher --context 256 \
    --batch 8 --steps "$teacher_steps" --output teacher
# A step of its own gives the student its beginning.
# shellcheck disable=SC2086
[[ -e begin/model.safetensors ]] || "$hone" pretrain --corpus train.txt --tokenizer tokenizer.json $student --context 256 \
    --batch 8 --steps 1 --output begin

same=(--model begin --data train.jsonl --context 256 --batch 8 --steps "$steps" --learning-rate "$rate")
[[ -e alone/model.safetensors ]] || "$hone" sft "${same[@]}" --output alone
for beta in 0 0.5 1; do
    [[ -e taught-$beta/model.safetensors ]] || "$hone" distill "${same[@]}" --teacher teacher --lambda 0 --beta "$beta" \
        --output "taught-$beta"
done

"$hone" evaluate --model teacher --model begin --model alone --model taught-0 --model taught-0.5 --model taught-1 \
    --text held-out.txt --context 256

#!/usr/bin/env bash
# Trains the transformer, CLIP and the dVAE on stickers for at least a fifth of their recipes, in
# f32 and in bf16 from the same seeds, and prints a table of their losses on validation pictures.
# What FOLDER holds already is not made again; with SEEDS="1" or SEEDS="2" two calls share the work.
#
#     Tests/precision.sh .build/debug/dalle FOLDER
#
# SHARE=100 takes a hundredth of the steps, to try the script: too few for most of the losses.
set -eu
dalle=${1:?usage: precision.sh DALLE FOLDER}
folder=${2:?usage: precision.sh DALLE FOLDER}
share=${SHARE:-1}
mkdir -p "$folder"

# train KIND SEED PRECISION OPTION …: a run in FOLDER, or what is missing of it.
train() {
  local run=$folder/$1-$2-$3 resume=
  [ ! -e "$run.seconds" ] || return 0
  [ ! -e "$run" ] || resume=--resume
  local start=$(date +%s)
  "$dalle" train "$1" --output "$run" --seed "$2" --precision "$3" $resume "${@:4}" \
    > "$run.out" 2> "$run.err" || { cat "$run.err" >&2; exit 1; }
  echo $(($(date +%s) - start)) > "$run.seconds"
}

for seed in ${SEEDS:-1 2}; do
  for precision in f32 bf16; do
    train transformer $seed $precision --steps $((2000 / share)) --pictures $((32000 / share))
    train clip $seed $precision --steps $((1000 / share))
    train dvae $seed $precision --warm-up-steps $((2500 / share)) --steps $((500 / share)) \
      --decoder-steps $((2000 / share))
  done
done

# last LOG NAME: the last value of a metric.
last() {
  grep -o "\"$2\":[-0-9.e]*" "$1" | tail -n 1 | cut -d : -f 2
}

# row WHAT LOG-OF-f32 LOG-OF-bf16 METRIC
row() {
  echo "$1 $(last "$2" "$4") $(last "$3" "$4")" | awk -F '\t' '{ n = split($3, v, " ")
    if (n < 2) printf "| %s | %s | – | – | – |\n", $1, $2
    else printf "| %s | %s | %.4f | %.4f | %+.2f %% |\n", $1, $2, v[1], v[2], 100 * (v[2] / v[1] - 1) }'
}

echo "| on validation pictures | seed | f32 | bf16 | difference |"
echo "|---|---:|---:|---:|---:|"
for seed in ${SEEDS:-1 2}; do
  for metric in transformer//validation_image transformer//validation_text clip//validation \
    dvae/bound/hard_bound dvae/decoder/psnr; do
    IFS=/ read -r kind stage name <<< "$metric"
    row "$kind, $name"$'\t'"$seed"$'\t' "$folder/$kind-$seed-f32/$stage/log.jsonl" \
      "$folder/$kind-$seed-bf16/$stage/log.jsonl" "$name"
  done
done

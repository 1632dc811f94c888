#!/usr/bin/env bash
# Trains a transformer on two ranks with 10⁸ bits a second between them, with and without compressed
# gradients: bytes, seconds a step, and the loss after the same steps, in JSON for chapter 6.
# Linux only: the loopback of a network namespace of its own is slowed down. It carries both
# directions, so it gets twice that rate. Nothing else may run meanwhile.
#
#     Tests/slow-link.sh .build/debug/dalle FOLDER FOLDER/link.json
#
# RANKS, STEPS and TIMED (steps that are timed) change what is done. What FOLDER holds stays.
set -eu
dalle=$(realpath "${1:?usage: slow-link.sh DALLE FOLDER FILE.json}")
folder=${2:?usage: slow-link.sh DALLE FOLDER FILE.json}
result=$(realpath -m "${3:?usage: slow-link.sh DALLE FOLDER FILE.json}")
ranks=${RANKS:-32 48} steps=${STEPS:-500} timed=${TIMED:-20}
mkdir -p "$folder"
cd "$folder"
export THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

cat > sizes.json << 'END'
{"text_vocab_size": 1, "text_seq_length": 20, "image_vocab_size": 1024, "image_rows": 16,
 "image_columns": 16, "hidden_size": 384, "num_layers": 6, "num_attention_heads": 6,
 "conv_kernel": 7, "attention": "paper", "convention": "paper", "sandwich": false,
 "loss_img_weight": 7}
END

# train NAME STEPS OPTION …: on two ranks that talk over the network only.
train() {
  mpirun --oversubscribe --bind-to none --mca btl tcp,self --mca btl_tcp_if_include lo -np 2 \
    "$dalle" train transformer --output "$1" --steps "$2" --pictures "$pictures" --batch 2 \
    --config sizes.json --precision auto "${@:3}" > "$1.out" 2> "$1.err" || { cat "$1.err" >&2; exit 1; }
}

# slowly NAME OPTION …: a few steps over the slow link.
slowly() {
  unshare --map-root-user --net bash -eu -c "
    ip link set lo up
    tc qdisc add dev lo root tbf rate 200mbit burst 256kb limit 8mb
    $(declare -f train)
    dalle='$dalle' pictures=128
    train $1-slow $timed ${*:2}"
}

# median NAME: that of the seconds of all steps but the first.
median() {
  tail -n +2 "$1/log.jsonl" | grep -o '"seconds":[0-9.]*' | cut -d : -f 2 | sort -n |
    awk '{ s[NR] = $1 } END { print s[int((NR + 1) / 2)] }'
}

# last NAME METRIC: the last value of a metric.
last() {
  grep -o "\"$2\":[-0-9.e]*" "$1/log.jsonl" | tail -n 1 | cut -d : -f 2
}

for run in exact $ranks; do
  options=; [ $run = exact ] || options="--compress $run"
  [ -e $run-slow/transformer.safetensors ] || slowly $run $options
done
for run in exact $ranks; do
  options=; [ $run = exact ] || options="--compress $run"
  pictures=8000
  [ -e $run/transformer.safetensors ] || train $run "$steps" $options
done

# megabytes NAME WHICH: of "sent 120 MB of gradients, 84 % less than the 750 MB of all", the first or
# second, of all steps.
megabytes() {
  sed -n "s/.* sent \([0-9]*\) MB.* than the \([0-9]*\) MB.*/\\$2/p" "$1.err"
}

# row TITLE NAME MEGABYTES
row() {
  awk -v title="$1" -v mb="$3" -v steps="$steps" -v s="$(median "$2-slow")" \
    -v loss="$(last "$2" validation_image)" 'BEGIN {
      printf "{\"name\":\"%s\",\"megabytes\":%.2f,\"seconds\":%.3f,\"loss\":%.4f}", title, mb / steps, s, loss }'
}

first=${ranks%% *}
{
  echo "{\"steps\":$steps,\"runs\":["
  row exact exact "$(megabytes "$first" 2)"
  for run in $ranks; do
    echo ","
    row "rank $run" "$run" "$(megabytes "$run" 1)"
  done
  echo "]}"
} > "$result"
cat "$result"

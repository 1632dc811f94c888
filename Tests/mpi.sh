#!/usr/bin/env bash
# Trains on 1, 2 and 4 ranks with real mpirun: the same losses, the same bits twice, slices, a stop and a
# resumed run, a rank that is killed, all models in one run, ranks that cannot share a batch.
#
#     Tests/mpi.sh .build/debug/dalle     (built with MPI_FLAGS)
set -u
dalle=$(realpath "${1:?usage: mpi.sh DALLE}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# Each rank on one thread: more of them than there are processors would only wait for one another.
export THREADS=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

fail() {
  echo "mpi: $1" >&2
  cat messages >&2
  exit 1
}

# run RANKS ARGUMENT …: a training on so many ranks; a stop is waited for, some seconds.
run() {
  mpirun --oversubscribe --mca odls_base_sigkill_timeout 2 -np "$1" "$dalle" train "${@:2}" \
    --precision f32 > messages 2>&1
}

# losses FOLDER: those of all steps.
losses() {
  find "$1" -name log.jsonl | sort | xargs cat | sed 's/.*"loss":\([^,]*\),.*/\1/'
}

# same A B TOLERANCE: whether two runs have the same losses.
same() {
  [ "$(losses "$1" | wc -l)" = "$(losses "$2" | wc -l)" ] || fail "$2 has other steps than $1"
  paste <(losses "$1") <(losses "$2") | awk -v t="$3" '
    { d = $1 - $2; if (d < 0) d = -d; s = $1 < 0 ? -$1 : $1; if (d > t * (s + 1)) exit 1 }' ||
    fail "$2 has other losses than $1"
}

transformer="transformer --steps 6 --pictures 64 --batch 4 --config sizes.json"
cat > sizes.json << 'END'
{"text_vocab_size": 1, "text_seq_length": 20, "image_vocab_size": 1024, "image_rows": 16,
 "image_columns": 16, "hidden_size": 64, "num_layers": 3, "num_attention_heads": 2,
 "conv_kernel": 7, "attention": "paper", "convention": "paper", "sandwich": false,
 "loss_img_weight": 7}
END
clip="clip --steps 3 --batch 8"
dvae="dvae --warm-up-steps 2 --steps 1 --decoder-steps 1 --batch 4"
for ranks in 1 2 4; do
  run $ranks $transformer --output transformer-$ranks || fail "transformer on $ranks ranks"
  run $ranks $clip --output clip-$ranks || fail "clip on $ranks ranks"
  [ $ranks = 4 ] || run $ranks $dvae --output dvae-$ranks || fail "dvae on $ranks ranks"
done
for ranks in 2 4; do
  same transformer-1 transformer-$ranks 1e-5
  same clip-1 clip-$ranks 1e-5
done
same dvae-1/warm-up dvae-2/warm-up 1e-5
# Clusters of codes may differ where latents differ in their last bits.
same dvae-1/bound dvae-2/bound 1e-2
run 2 $transformer --output again || fail "transformer on 2 ranks again"
cmp transformer-2/training.safetensors again/training.safetensors || fail "two runs differ"
echo "mpi: 1, 2 and 4 ranks agree, and two runs on 2 ranks have the same bits"

for ranks in 2 4; do
  run $ranks $transformer --output sharded-$ranks --shard || fail "shards on $ranks ranks"
  same transformer-$ranks sharded-$ranks 1e-6
  same transformer-1 sharded-$ranks 1e-5
  grep "within a step" messages | sed 's/^/mpi: /'
  run $ranks $clip --output sharded-clip-$ranks --shard || fail "clip in shards on $ranks ranks"
  same clip-$ranks sharded-clip-$ranks 1e-6
done
run 2 $dvae --output sharded-dvae --shard || fail "dvae in shards"
same dvae-2 sharded-dvae 1e-6
run 2 $transformer --output again-sharded --shard || fail "shards on 2 ranks again"
cmp sharded-2/training.safetensors again-sharded/training.safetensors || fail "two sharded runs differ"
"$dalle" train $transformer --output alone --shard > messages 2>&1 || fail "--shard without mpirun"
grep -q "note: --shard does nothing on one process" messages || fail "--shard without mpirun is silent"
echo "mpi: 2 and 4 ranks with slices learn what ranks with everything learn"

run 2 $transformer --output compressed --compress 4 || fail "compressed gradients"
grep "less than the" messages | sed 's/^/mpi: /'

# await FILE PATTERN: until a line of the file has the pattern.
await() {
  for _ in $(seq 600); do
    grep -q "$2" "$1" 2> /dev/null && return
    sleep 0.1
  done
  fail "$1 never has $2"
}

# stop JOB: asks a training to stop, as Ctrl-C does.
stop() {
  kill -TERM "$(pgrep -P "$1" -x mpirun || echo "$1")"
}

long="${transformer/--steps 6/--steps 5000} --output $folder/stopped --compress 4"
run 2 $long &
await stopped/log.jsonl '"step":3,'
stop $!
wait
grep -q "stopped after .* of 5000 steps" messages || fail "a stop is not reported"
steps=$(losses stopped | wc -l)
echo "mpi: stopped after $steps steps"

run 4 $long --resume &
await stopped/log.jsonl "\"step\":$((steps + 1)),"
grep -q "continues after step $steps" messages || fail "the stopped run does not go on"
# A rank dies, and takes the others with it.
victim=$(pgrep -f "$folder/stopped" | tail -n 1)
kill -9 "$victim"
wait 2> /dev/null
pgrep -f "$folder/stopped" > /dev/null && fail "ranks live on when one has died"
grep -q "signal 9" messages || fail "the death of a rank is not reported"
run 1 $long --resume &
await messages "continues after step $steps"
pkill -KILL -f "$folder/stopped"
wait 2> /dev/null
echo "mpi: the state outlives a rank that is killed"

sharded="${transformer/--steps 6/--steps 4000} --output $folder/halves --shard"
run 2 $sharded &
await halves/log.jsonl '"step":3,'
stop $!
wait
steps=$(losses halves | wc -l)
grep -q "stopped after $steps of 4000 steps" messages || fail "a sharded run does not stop"
run 4 $sharded --resume &
await halves/log.jsonl "\"step\":$((steps + 1)),"
victim=$(pgrep -f "$folder/halves" | tail -n 1)
kill -9 "$victim"
wait 2> /dev/null
pgrep -f "$folder/halves" > /dev/null && fail "ranks with slices live on without one"
run 1 ${sharded/--shard/} --resume &
await messages "continues after step $steps"
pkill -KILL -f "$folder/halves"
wait 2> /dev/null
echo "mpi: a sharded run stops, goes on with other ranks, outlives one, and goes on whole"

run 3 $clip --output uneven && fail "3 ranks share 8 pairs"
grep -q "3 ranks cannot share it equally" messages || fail "an uneven share has no sentence"
"$dalle" stickers --export pictures --count 12 > messages 2>&1 || fail "no pictures"
all="all --data pictures --hold-out 3 --dvae-steps 16 --transformer-steps 2 --clip-steps 2 --visits 2"
for shard in "" --shard; do
  run 2 $all --output "all$shard" $shard || fail "all $shard on 2 ranks"
  for file in dvae transformer clip; do
    [ -s "all$shard/$file.safetensors" ] || fail "all $shard on 2 ranks leaves no $file"
  done
  [ -s "all$shard/nearest.png" ] || fail "all $shard on 2 ranks has no report"
done
run 3 $all --output all-3 && fail "3 ranks share a batch of 16"
grep -q "3 ranks cannot share a batch of 16 equally; start another number of them" messages ||
  fail "an uneven share of all stages has no sentence"
echo "mpi: 2 ranks train all models on pictures of which some are held out"

run 2 everything --output everything && fail "2 ranks train everything"
grep -q "everything runs on one process" messages || fail "training everything on 2 ranks has no sentence"
echo "mpi: passed"

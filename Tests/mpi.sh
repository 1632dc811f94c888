#!/usr/bin/env bash
# Trains on 1, 2 and 4 ranks with real mpirun: the same losses, the same bits twice, a stop and a resumed
# run, a rank that is killed, ranks that cannot share a batch.
#
#     Tests/mpi.sh .build/debug/dalle     (built with --traits MPI)
set -u
dalle=$(realpath "${1:?usage: mpi.sh DALLE}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

fail() {
  echo "mpi: $1" >&2
  cat messages >&2
  exit 1
}

# run RANKS ARGUMENT …: a training on so many ranks; a stop is waited for.
run() {
  mpirun --oversubscribe --mca odls_base_sigkill_timeout 60 -np "$1" "$dalle" train "${@:2}" \
    > messages 2>&1
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

transformer="transformer --steps 8 --pictures 64"
clip="clip --steps 6 --batch 16"
dvae="dvae --warm-up-steps 6 --steps 2 --decoder-steps 2"
for kind in transformer clip dvae; do
  for ranks in 1 2 4; do
    run $ranks ${!kind} --output $kind-$ranks || fail "$kind on $ranks ranks"
  done
done
for ranks in 2 4; do
  same transformer-1 transformer-$ranks 1e-5
  same clip-1 clip-$ranks 1e-5
  # Clusters of codes may differ where latents differ in their last bits.
  same dvae-1/warm-up dvae-$ranks/warm-up 1e-5
  same dvae-1/bound dvae-$ranks/bound 1e-2
done
run 2 $transformer --output again || fail "transformer on 2 ranks again"
cmp transformer-2/training.safetensors again/training.safetensors || fail "two runs differ"
echo "mpi: 1, 2 and 4 ranks agree, and two runs on 2 ranks have the same bits"

# await FILE PATTERN: until a line of the file has the pattern.
await() {
  for _ in $(seq 600); do
    grep -q "$2" "$1" 2> /dev/null && return
    sleep 0.1
  done
  fail "$1 never has $2"
}

long="transformer --steps 500 --pictures 64 --output stopped"
run 2 $long &
await stopped/log.jsonl '"step":2,'
pkill -TERM -P $! mpirun || kill -TERM $(pgrep -f "mpirun.* --output stopped" | head -n 1)
wait
grep -q "stopped after .* of 500 steps" messages || fail "a stop is not reported"
steps=$(losses stopped | wc -l)
echo "mpi: stopped after $steps steps"

run 4 $long --resume &
await stopped/log.jsonl "\"step\":$((steps + 1)),"
grep -q "continues after step $steps" messages || fail "the stopped run does not go on"
# A rank dies, and takes the others with it.
victim=$(pgrep -f "dalle train .*--output stopped" | tail -n 1)
kill -9 "$victim"
wait
pgrep -f "dalle train .*--output stopped" > /dev/null && fail "ranks live on when one has died"
grep -q "signal 9" messages || fail "the death of a rank is not reported"
run 1 $long --resume &
await messages "continues after step $steps"
pkill -KILL -f "dalle train .*--output stopped"
wait
echo "mpi: the state outlives a rank that is killed"

run 3 clip --steps 6 --batch 16 --output uneven && fail "3 ranks share 16 pairs"
grep -q "3 ranks cannot share it equally" messages || fail "an uneven share has no sentence"
echo "mpi: passed"

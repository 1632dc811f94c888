#!/usr/bin/env bash
# Kills a training run 50 times with SIGKILL, at random moments. After every kill its state must
# load; in the end weights, optimiser state and averages must be those of a run that was never
# killed, bit for bit, and its log must have every step once.
#
#     Tests/kill-and-resume.sh .build/debug/training-probe [KILLS [STEPS]]
set -u
probe=${1:?usage: kill-and-resume.sh PROBE [KILLS [STEPS]]}
kills=${2:-50}
steps=${3:-5000}
folder=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$folder"' EXIT

fail() {
  echo "kill-and-resume: $1" >&2
  cat "$folder/messages" >&2
  exit 1
}

# Compares the finished run with the one that was left alone.
compare() {
  for file in training.safetensors weights.safetensors; do
    cmp "$folder/whole/$file" "$folder/killed/$file" || fail "$file differs after $count kills"
  done
  # Everything but the seconds a step took.
  for run in whole killed; do
    sed 's/"seconds":[^,]*,//' "$folder/$run/log.jsonl" > "$folder/$run.log"
  done
  cmp "$folder/whole.log" "$folder/killed.log" || fail "the log differs after $count kills"
  [ "$(ls -A "$folder/killed" | wc -l)" = 3 ] || fail "there are files left: $(ls -A "$folder/killed")"
}

"$probe" "$folder/whole" "$steps" 2> "$folder/messages" || fail "the run without kills failed"

count=0
saves=0
while [ "$count" -lt "$kills" ]; do
  "$probe" "$folder/killed" "$steps" 2> "$folder/messages" &
  pid=$!
  sleep "0.$(printf %03d $((RANDOM % 200)))"
  kill -9 "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  status=$?
  pid=
  case $status in
    137)
      count=$((count + 1))
      ls -A "$folder/killed" 2>/dev/null | grep -q 'tmp$' && saves=$((saves + 1))
      # No steps to do: this only loads the state.
      "$probe" "$folder/killed" 0 2> "$folder/messages" || fail "kill $count left a broken state"
      ;;
    0)
      compare
      rm -r "$folder/killed"
      ;;
    *) fail "a resumed run ended with status $status" ;;
  esac
done
"$probe" "$folder/killed" "$steps" 2> "$folder/messages" || fail "the last run failed"
compare
echo "kill-and-resume: $count kills, $saves of them while a file was written; every state" \
  "loaded, and the $steps steps ended with the same bits as without kills"

#!/usr/bin/env bash
# Trains all models twice from nothing, at a SCALE: once on all threads and left alone, once on one
# thread and killed with SIGKILL in every stage. Both must end with the same files, bit for bit.
#
#     Tests/models.sh .build/debug/dalle FOLDER [SCALE]
set -u
dalle=${1:?usage: models.sh DALLE FOLDER [SCALE]}
folder=${2:?usage: models.sh DALLE FOLDER [SCALE]}
scale=${3:-0.01}
mkdir -p "$folder"
messages=$folder/messages

fail() {
  echo "models: $1" >&2
  tail -n 20 "$messages" >&2
  exit 1
}

# run NAME OPTION …
run() {
  "$dalle" train everything --scale "$scale" --output "$folder/$1" "${@:2}" >> "$messages" 2>&1
}

: > "$messages"
run whole || fail "the run that is left alone failed"

kills=0
for part in classifier clip dvae/warm-up dvae/bound dvae/decoder transformer/tokens transformer \
  reranker/drawings reranker judge; do
  resume=
  [ ! -e "$folder/killed" ] || resume=--resume
  THREADS=1 "$dalle" train everything --scale "$scale" --output "$folder/killed" $resume \
    >> "$messages" 2>&1 &
  pid=$!
  # Until there is something of this part; then it is in the middle of it, or a little later.
  while kill -0 "$pid" 2> /dev/null; do
    case $part in
      */tokens | */drawings) compgen -G "$folder/killed/$part"'*' > /dev/null && break ;;
      *) [ "$(cat "$folder/killed/$part/log.jsonl" 2> /dev/null | wc -l)" -gt 3 ] && break ;;
    esac
    sleep 0.05
  done
  if kill -9 "$pid" 2> /dev/null; then kills=$((kills + 1)); fi
  wait "$pid" 2> /dev/null
done
THREADS=1 run killed --resume || fail "the run that was killed does not end"
for file in vit clip dvae transformer reranker judge; do
  cmp "$folder/whole/$file.safetensors" "$folder/killed/$file.safetensors" ||
    fail "$file differs after $kills kills"
done
echo "models: the same six files on all threads, and on one with $kills kills"

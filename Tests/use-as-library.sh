#!/usr/bin/env bash
# Uses this package as a library: builds Tests/UseAsLibrary, which depends on it, and runs the
# README's two examples there, once by path and once from a Git repository with a tagged version.
#
# This repository is only read. The tagged one is temporary and holds the files as they are now,
# committed or not. Both ways build side by side, in release mode, which compiles a module at a
# time, with a fifth less work than debug builds.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$folder"' EXIT

use() { # use WAY: builds both examples and runs them
  echo "use-as-library: building $1"
  swift build --quiet -c release --package-path "$folder/$1" --scratch-path "$folder/$1/.build"
  cd "$folder/$1"
  [ "$(.build/release/learn | tail -n 1)" = '[32, 1]' ]
  .build/release/draw
  [ "$(head -c 4 boat.png | tail -c 3)" = PNG ]
}

# Copies, so that no build leaves files next to the original.
for way in by-path by-tag; do
  mkdir "$folder/$way"
  cp -R "$root/Tests/UseAsLibrary/Package.swift" "$root/Tests/UseAsLibrary/Sources" "$folder/$way"
done

(export DALLE_PATH="$root" && use by-path) &
by_path=$!

tagged() { git --git-dir="$folder/dalle.git" --work-tree="$root" "$@"; }
git init --quiet --bare "$folder/dalle.git"
tagged add --all "$root"
tagged -c user.name=test -c user.email=test@example.org commit --quiet --message "As it is now"
tagged tag 0.0.0-test

(export DALLE_URL="file://$folder/dalle.git" && use by-tag)
wait "$by_path"
echo "use-as-library: a package that depends on this one builds, learns and draws, by path and by tag"

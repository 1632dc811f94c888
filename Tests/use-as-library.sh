#!/usr/bin/env bash
# Uses this package as a library: Tests/UseAsLibrary depends on it, by path and by a tagged version
# in a Git repository. Both are resolved, and the second is built and runs the README's two
# examples: what is compiled is the same.
#
# This repository is only read. The tagged one is temporary and holds the files as they are now,
# committed or not. Release mode compiles a module at a time, with a fifth less work than debug
# builds.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

# Copies, so that no build leaves files next to the original.
for way in by-path by-tag; do
  mkdir "$folder/$way"
  cp -R "$root/Tests/UseAsLibrary/Package.swift" "$root/Tests/UseAsLibrary/Sources" "$folder/$way"
done

DALLE_PATH="$root" swift package --package-path "$folder/by-path" show-dependencies |
  grep -q "$root"

tagged() { git --git-dir="$folder/dalle.git" --work-tree="$root" "$@"; }
git init --quiet --bare "$folder/dalle.git"
tagged add --all "$root"
tagged -c user.name=test -c user.email=test@example.org commit --quiet --message "As it is now"
tagged tag 0.0.0-test

echo "use-as-library: building by tag"
cd "$folder/by-tag"
DALLE_URL="file://$folder/dalle.git" swift build --quiet -c release
[ "$(.build/release/learn | tail -n 1)" = '[32, 1]' ]
.build/release/draw
[ "$(head -c 4 boat.png | tail -c 3)" = PNG ]
echo "use-as-library: a package that depends on this one builds, learns and draws"

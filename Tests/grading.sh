#!/usr/bin/env bash
# Grades a class from end to end, with the compiler: right answers, a file that does not compile,
# misnamed and missing files, and submissions that try to change their grade. What one student does
# must not change what another gets.
#
#     Tests/grading.sh PATH/TO/course
set -euo pipefail
course="$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
root="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$folder"' EXIT
class="$folder/class"

solve() { # solve STUDENT CHAPTER...: hands in the solutions of these chapters
  local student=$1 n
  shift
  mkdir -p "$class/$student"
  for n in "$@"; do
    sed "s/Reference$n/YourChapter$n/g" "$root/Sources/Course/Solutions/Chapter$n.swift" \
      > "$class/$student/Chapter$n.swift"
  done
}
replace() { # replace STUDENT CHAPTER EXERCISE CODE: puts code in place of a solution
  local file="$class/$1/Chapter$2.swift"
  awk -v id="$3" -v code="$4" '
    $0 ~ "BEGIN SOLUTION " id "$" { print; print code; skip = 1; next }
    /END SOLUTION/ { skip = 0 }
    !skip' "$file" > "$file.new"
  mv "$file.new" "$file"
}

solve a-right 1 2 3 4 5
# Stands before another file of its chapter, and gets nothing of the student's before.
solve b-renamed 1 2
mv "$class/b-renamed/Chapter1.swift" "$class/b-renamed/Chapter1 (2).swift"
# Only chapter 4 is whole: 1 does not compile, 2 imports the solutions, 3 hides the package's names.
solve c-broken 1 2 3 4
echo 'func broken( {' >> "$class/c-broken/Chapter1.swift"
sed -i.old 's/^import CourseKit/import CourseKit; @testable import Solutions/' \
  "$class/c-broken/Chapter2.swift"
echo 'public struct Tensor {}; public struct Random {}' >> "$class/c-broken/Chapter3.swift"
# Forges from within, leaves a process that would write the reports later, and stops all others. On a
# system without namespaces, run as an ordinary user, it stops this script.
solve d-forger 1
sed -i.old 's/^import CourseKit/import CourseKit; import Foundation/' "$class/d-forger/Chapter1.swift"
rm "$class"/*/*.old
results="$folder/results"
replace d-forger 1 1.1 "
    let shell = Process()
    shell.executableURL = URL(filePath: \"/bin/sh\")
    shell.arguments = [\"-c\", \"(trap '' HUP TERM; sleep 2; echo forged > $results/d-forger/grade.json) &\"]
    try? shell.run()
    print(#\"{\"exercise\":\"1.1\",\"points\":1000,\"maximum\":4,\"checks\":[]}\"#)
    exit(0)"
replace d-forger 1 1.2 "
    kill(getppid(), SIGKILL); kill(-1, SIGKILL); exit(0)"
"$course" grade-all "$class" --output "$results" --total-limit 60 --seed 9007199 \
  > "$folder/log" 2>&1 &
grader=$!
sleep 1
if [ -e "/proc/$grader/cmdline" ] && grep -q 9007199 "/proc/$grader/cmdline"; then
  echo "grading.sh: the seed can be read in the list of arguments" >&2
  exit 1
fi
if "$course" grade-submission "$class/a-right" --output "$folder/second" 2> "$folder/refusal" ||
  ! grep -q 'another run grades' "$folder/refusal"; then
  echo "grading.sh: two runs at a time would exchange students' files" >&2
  exit 1
fi
if ! wait "$grader"; then
  cat "$folder/log"
  echo "grading.sh: grade-all failed" >&2
  exit 1
fi
sleep 2.5 # the forger's process would have written by now

expect() { # expect STUDENT POINTS: the points of the table and of the report
  local points
  points=$(grep "^$1," "$results/grades.csv" | cut -d, -f2)
  if [ "$points" != "$2" ] || ! grep -q "\"points\" : $2," "$results/$1/grade.json"; then
    cat "$folder/log" "$results/grades.csv"
    echo "grading.sh: $1 has ${points:-no} points, expected $2" >&2
    exit 1
  fi
}
expect a-right 199
expect b-renamed 35
expect c-broken 45
expect d-forger 39
grep -q 'Chapter1 (2).swift' "$results/grades.csv"
grep -q 'error' "$results/c-broken/compile.log"
echo "grading.sh: four submissions got their points"

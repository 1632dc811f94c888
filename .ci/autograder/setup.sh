#!/usr/bin/env bash
# Gradescope runs this once, as root on Ubuntu, when the autograder is made: it installs Swift and
# builds the grader and a clean copy of the package for submissions.
set -euo pipefail
source=/autograder/source

apt-get update
apt-get install -y --no-install-recommends ca-certificates curl gnupg git make pkg-config \
  libopenblas-dev libpng-dev libjpeg-dev
. /etc/os-release
version="${SWIFT_VERSION:-6.2.1}"
case "$(uname -m)" in
  x86_64) machine= ;;
  aarch64) machine=-aarch64 ;;
  *) echo "setup.sh: there is no Swift for $(uname -m)" >&2 && exit 1 ;;
esac
name="swift-$version-RELEASE-ubuntu$VERSION_ID$machine"
folder="swift-$version-release/ubuntu${VERSION_ID/./}$machine"
curl -fsSL "https://download.swift.org/$folder/swift-$version-RELEASE/$name.tar.gz" -o /tmp/swift.tar.gz
tar -xzf /tmp/swift.tar.gz --strip-components 2 -C /usr --no-same-owner "$name/usr"
rm /tmp/swift.tar.gz
apt-get install -y --no-install-recommends binutils libc6-dev libcurl4-openssl-dev libedit2 \
  libgcc-13-dev libncurses-dev libpython3-dev libsqlite3-0 libstdc++-13-dev libxml2-dev libz3-dev \
  tzdata zlib1g-dev

# Submissions run as the account `nobody`, which may read neither the solutions nor the seed.
chown -R root:root "$source"
chmod -R go-rwx "$source"

cd "$source/dalle"
swift build --product course
mkdir -p /tmp/nothing
.build/debug/course grade-submission /tmp/nothing --output /tmp/nothing/results

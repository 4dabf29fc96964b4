#!/usr/bin/env bash
# A headless browser for the tests of pages, where root may install one; else they skip.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit; fi
done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then exit; fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium >/dev/null

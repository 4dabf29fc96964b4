#!/usr/bin/env bash
# After the Snakemake that submitted jobs was killed or its machine went down: cancel
# the jobs that it left in this folder, so that none writes beside its successor, and
# remove the lock. Run it where no Snakemake works in this folder any more; arguments
# are the command that starts Snakemake.
set -euo pipefail

left() {
    squeue --noheader --me --format '%A %Z' | while read -r job folder; do
        if [ "$folder" = "$(pwd -P)" ]; then echo "$job"; fi
    done
}

left | xargs --no-run-if-empty --verbose scancel
while [ -n "$(left)" ]; do sleep 1; done
"${@:-snakemake}" --unlock

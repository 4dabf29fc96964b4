#!/usr/bin/env bash
# Submit a job's script and print the job's number:
#   submit.sh cores memory_mb minutes gpus rule script
set -euo pipefail
logs=results/cluster/$5
mkdir -p "$logs"
gpus=()
if [ "$4" -gt 0 ]; then gpus=(--gpus="$4"); fi
sbatch --parsable --no-requeue --job-name="$5" --output="$logs/%j.log" \
    --ntasks=1 --cpus-per-task="$1" --mem="$2" --time="$3" "${gpus[@]}" "$6"

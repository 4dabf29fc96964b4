#!/usr/bin/env bash
# Print running, success or failed for the number of a job. SLURM forgets a job some
# minutes after its end; one that it does not know counts as failed.
state=$(scontrol show job --oneliner "$1" 2>/dev/null | grep -oE ' JobState=[A-Z_]+')
case "${state#*=}" in
COMPLETED) echo success ;;
PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED) echo running ;;
*) echo failed ;;
esac

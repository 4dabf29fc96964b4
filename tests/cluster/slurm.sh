#!/usr/bin/env bash
# A SLURM of one node, this machine, for the tests: no accounting, no cgroups, and
# GPUs that are character devices like /dev/null. It must be run by root, on Debian
# or Ubuntu.
#
#   slurm.sh install   packages of the distribution
#   slurm.sh start     a fresh one; GPUS (default 1) and CPUS (default 8, whatever is there)
#   slurm.sh stop      the daemons that start has started, and its configuration
#   slurm.sh status    node and jobs
#
# A task prolog writes the devices of each job to $STATE/devices: job, then
# CUDA_VISIBLE_DEVICES.
set -euo pipefail

GPUS=${GPUS:-1}
CPUS=${CPUS:-8}
MEMORY_MB=${MEMORY_MB:-64000}
NODE=$(hostname -s)
STATE=/var/lib/unet2015-slurm
MARK="# Written by tests/cluster/slurm.sh"

fail() {
    echo "slurm.sh: $*" >&2
    exit 1
}

install_packages() {
    [ "$(id -u)" = 0 ] || fail "only root can install packages"
    command -v apt-get >/dev/null || fail "apt-get is not here: needs Debian or Ubuntu"
    command -v slurmctld slurmd sbatch munged >/dev/null && return
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends \
        slurmctld slurmd slurm-client munge >/dev/null
}

make_devices() {
    for ((i = 0; i < GPUS; i++)); do
        [ -e "$STATE/gpu$i" ] || mknod "$STATE/gpu$i" c 1 3 || : >"$STATE/gpu$i"
    done
}

write_prolog() {
    cat >"$STATE/task_prolog" <<END
#!/bin/sh
echo "\$SLURM_JOB_ID \$CUDA_VISIBLE_DEVICES" >>$STATE/devices
END
    chmod 755 "$STATE/task_prolog"
    : >>"$STATE/devices"
    chmod 666 "$STATE/devices"
}

# Newer SLURM can do without cgroups; that of Debian 12 wants to be told which
# hierarchy is mounted, even if nothing is constrained.
cgroup_plugin() {
    local version
    version=$(slurmctld -V | sed -E 's/[^0-9]*([0-9]+)\.([0-9]+).*/\1\2/')
    if [ "$version" -ge 2305 ]; then
        echo disabled
    elif [ -f /sys/fs/cgroup/cgroup.controllers ]; then
        echo cgroup/v2
    else
        echo cgroup/v1
    fi
}

write_config() {
    local etc=/etc/slurm
    if [ -s $etc/slurm.conf ] && ! grep -q "^$MARK" $etc/slurm.conf; then
        fail "$etc/slurm.conf is somebody else's: not overwritten"
    fi
    mkdir -p $etc
    cat >$etc/slurm.conf <<END
$MARK
ClusterName=unet2015
SlurmctldHost=$NODE(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=$STATE/controller
SlurmdSpoolDir=$STATE/node
SlurmctldPidFile=$STATE/slurmctld.pid
SlurmdPidFile=$STATE/slurmd.pid
SlurmctldLogFile=$STATE/slurmctld.log
SlurmdLogFile=$STATE/slurmd.log
TaskProlog=$STATE/task_prolog
# By process group, not by parents: what has lost its parent is killed too.
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=500
GresTypes=gpu
ReturnToService=2
KillWait=5
MinJobAge=7200
SchedulerParameters=sched_interval=2,batch_sched_delay=0
SlurmdParameters=config_overrides
NodeName=$NODE NodeAddr=127.0.0.1 CPUs=$CPUS RealMemory=$MEMORY_MB Gres=gpu:$GPUS
PartitionName=main Nodes=$NODE Default=YES MaxTime=INFINITE State=UP
END
    echo "NodeName=$NODE Name=gpu File=$STATE/gpu[0-$((GPUS - 1))]" >$etc/gres.conf
    echo "CgroupPlugin=$(cgroup_plugin)" >$etc/cgroup.conf
}

start_munge() {
    munge -n 2>/dev/null | unmunge >/dev/null 2>&1 && return
    mkdir -p /run/munge
    if [ ! -s /etc/munge/munge.key ]; then
        head -c 1024 /dev/urandom >/etc/munge/munge.key
    fi
    chmod 400 /etc/munge/munge.key
    chown -R munge: /etc/munge /run/munge /var/lib/munge /var/log/munge
    chmod 755 /run/munge
    runuser -u munge -- munged --pid-file=/run/munge/munged.pid
    touch "$STATE/munge_started"
}

node_is_idle() {
    [ "$(sinfo -h -o %t 2>/dev/null)" = idle ]
}

wait_for() {
    for ((i = 0; i < 300; i++)); do
        "$@" && return
        sleep 0.1
    done
    sinfo -N -l >&2 || true
    tail -n 20 "$STATE"/*.log >&2 || true
    fail "waited 30 s in vain: $*"
}

start() {
    [ "$(id -u)" = 0 ] || fail "only root can start SLURM"
    [ "$GPUS" -gt 0 ] || fail "GPUS is $GPUS, expected 1 or more"
    ! pgrep -x slurmctld >/dev/null || fail "slurmctld runs already"
    rm -rf $STATE # jobs of an earlier start are forgotten
    mkdir -p $STATE/controller $STATE/node
    make_devices
    write_prolog
    write_config
    start_munge
    slurmctld
    slurmd
    wait_for node_is_idle
    status
}

gone() {
    ! kill -0 "$1" 2>/dev/null
}

stop_daemon() {
    local pid
    [ -s "$1" ] || return 0
    pid=$(cat "$1")
    if kill "$pid" 2>/dev/null; then
        wait_for gone "$pid"
    fi
    rm -f "$1"
}

stop() {
    stop_daemon $STATE/slurmd.pid
    stop_daemon $STATE/slurmctld.pid
    if [ -e $STATE/munge_started ]; then
        stop_daemon /run/munge/munged.pid
        rm -f $STATE/munge_started
    fi
    # Else every program of SLURM, which Snakemake's plugin asks at each start, would
    # wait nine seconds for a controller that is not there.
    if grep -qs "^$MARK" /etc/slurm/slurm.conf; then
        rm /etc/slurm/slurm.conf
    fi
}

status() {
    sinfo -N -o "%N %t %c CPUs, %m MB, %G"
    squeue -h -o "%A %T %k"
}

case "${1:-}" in
install) install_packages ;;
start) start ;;
stop) stop ;;
status) status ;;
*) fail "expected install, start, stop or status" ;;
esac

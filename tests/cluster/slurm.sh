# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A private Slurm: munged, slurmctld and slurmd with a key, ports on loopback and files of their own in
# $scratch/slurm. Sourced; slurm_start, then sbatch and the others as usual, then slurm_stop. A job that is
# started again waits for as long as credentials are valid: 5 seconds here, 120 by default.

slurm=$scratch/slurm
export SLURM_CONF=$slurm/slurm.conf

slurm_is_installed()
{
    local program
    for program in munged slurmctld slurmd sbatch; do
        PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || return 1
    done
}

# Prints two ports that are free.
slurm_ports()
{
    python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*[each.getsockname()[1] for each in sockets])'
}

slurm_configure()
{
    local host user ports
    host=$(hostname -s) user=$(id -un)
    read -r -a ports < <(slurm_ports)
    cat >"$SLURM_CONF" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$slurm/munge.socket,cred_expire=5
SlurmUser=$user
SlurmdUser=$user
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=16000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=10 State=UP
END
}

slurm_is_idle() { [ "$(sinfo -h -o %T)" = idle ]; }

slurm_start()
{
    local PATH=$PATH:/usr/sbin
    mkdir -p "$slurm"/{state,spool} && chmod 755 "$scratch" "$slurm" || return
    (umask 077 && head -c 128 /dev/urandom >"$slurm/munge.key")
    slurm_configure
    munged --key-file="$slurm/munge.key" --socket="$slurm/munge.socket" --num-threads=1 \
        --pid-file="$slurm/munged.pid" --log-file="$slurm/munged.log" --seed-file="$slurm/munged.seed" &&
        slurmctld -c -f "$SLURM_CONF" && slurmd -f "$SLURM_CONF" && wait_for 30 slurm_is_idle
}

# Jobs end first, so that no process of theirs is left; each daemon has ended before the next is told to.
slurm_stop()
{
    local name pid
    if [ -s "$slurm/slurmd.pid" ]; then
        scancel --user="$(id -un)" 2>/dev/null
        wait_for 10 slurm_is_idle
    fi
    for name in slurmd slurmctld munged; do
        if pid=$(cat "$slurm/$name.pid" 2>/dev/null) && kill "$pid" 2>/dev/null; then
            wait_for 10 test ! -e "/proc/$pid"
        fi
    done
}

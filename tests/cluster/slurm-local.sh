#!/usr/bin/env bash
# A private Slurm (munged + slurmctld + N slurmd) for tests, all on 127.0.0.1, run as root without systemd.
# Needs Debian's slurmctld, slurmd, slurm-client and munge. Touches only files under the folder it is given
# and ends only processes it started itself (their ids are in FOLDER/run/*.pid).
#
#   slurm-local.sh start  FOLDER [NODES] [CPUS_PER_NODE] [PORT_BASE]    defaults: 2 2 17000
#   slurm-local.sh stop   FOLDER
#   slurm-local.sh status FOLDER
#   slurm-local.sh kill   FOLDER NODE     as if it lost its power: slurmd, the job's shell and all that it started
#   eval "$(slurm-local.sh env FOLDER)"        # sets SLURM_CONF for srun, sbatch, squeue, ...
#
# start waits until every node is idle, and prints the SLURM_CONF line. FOLDER must be an absolute path
# without spaces; a new or empty one is made ready, one with an older run in it is reused (jobs are forgotten).
set -u
die() { echo "slurm-local: $*" >&2; exit 1; }
usage() { sed -n '2,13p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }

[ $# -ge 2 ] || usage
cmd=$1; D=$2
case $D in /*) ;; *) die "FOLDER must be absolute: $D";; esac
case $D in *[[:space:]]*) die "FOLDER must not contain spaces";; esac
PATH=$PATH:/usr/sbin:/sbin
CONF=$D/slurm.conf

# our_pid NAME: prints the recorded process id if it is still that process
our_pid() {
  local f=$D/run/$1.pid p s
  [ -s "$f" ] || return 1
  read -r p s < "$f" || return 1
  [ -r "/proc/$p/stat" ] || return 1
  # field 22 (start time) tells a reused process id from ours
  [ "$(sed 's/.*) //' "/proc/$p/stat" 2>/dev/null | awk '{print $20}')" = "$s" ] || return 1
  [ "$(sed 's/.*) //' "/proc/$p/stat" 2>/dev/null | awk '{print $1}')" != Z ] || return 1
  echo "$p"
}
launch() { # NAME COMMAND...: starts it with setsid, records 'pid starttime'
  local n=$1; shift
  our_pid "$n" >/dev/null && die "$n is already running in $D"
  setsid "$@" </dev/null >>"$D/log/$n.out" 2>&1 &
  local p=$!
  echo "$p $(sed 's/.*) //' "/proc/$p/stat" 2>/dev/null | awk '{print $20}')" > "$D/run/$n.pid"
}
end() { # NAME: TERM, up to 10 s, then KILL
  local p i
  p=$(our_pid "$1") || { rm -f "$D/run/$1.pid"; return 0; }
  kill -TERM "$p" 2>/dev/null
  for ((i = 0; i < 100; i++)); do our_pid "$1" >/dev/null || break; sleep 0.1; done
  our_pid "$1" >/dev/null && kill -KILL "$p" 2>/dev/null
  rm -f "$D/run/$1.pid"
}
kill_tree() { # PID: it and all that it started
  local child
  kill -STOP "$1" 2>/dev/null
  for child in $(pgrep -P "$1"); do kill_tree "$child"; done
  kill -KILL "$1" 2>/dev/null
}
daemons() { local f; for f in "$D"/run/*.pid; do [ -e "$f" ] && basename "$f" .pid; done; }

case $cmd in
start)
  NODES=${3:-2}; CPUS=${4:-2}; BASE=${5:-17000}
  for b in munged slurmctld slurmd sinfo scontrol; do command -v $b >/dev/null || die "$b not found"; done
  [ "$(id -u)" = 0 ] || die "must run as root"
  for n in $(daemons); do our_pid "$n" >/dev/null && die "$n is already running in $D (stop it first)"; done
  mkdir -p "$D" && chmod 755 "$D" || die "cannot make $D"
  rm -rf "$D/state" "$D/spool" "$D/run" "$D/munge" "$D/log"
  mkdir -p "$D"/{state,spool,run,munge,log} && chmod 755 "$D"/{state,spool,run,munge} && chmod 700 "$D/log"
  dd if=/dev/urandom of="$D/munge/key" bs=128 count=1 status=none && chmod 400 "$D/munge/key"
  H=$(hostname -s 2>/dev/null || cat /proc/sys/kernel/hostname)
  : > "$D/plugstack.conf"
  {
    cat <<CONF
ClusterName=local
SlurmctldHost=$H(127.0.0.1)
SlurmctldPort=$BASE
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$D/munge/socket,cred_expire=10
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
PlugStackConfig=$D/plugstack.conf
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool/%n
SlurmctldPidFile=$D/run/slurmctld.own
SlurmdPidFile=$D/run/slurmd.%n.own
SlurmctldLogFile=$D/log/slurmctld.log
SlurmdLogFile=$D/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$D/log/jobcomp.log
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1
SlurmdParameters=config_overrides
ReturnToService=2
MailProg=/bin/true
JobRequeue=1
RequeueExit=99
KillWait=3
MinJobAge=600
SlurmctldTimeout=30
SlurmdTimeout=30
InactiveLimit=0
CONF
    for ((i = 1; i <= NODES; i++)); do
      echo "NodeName=n$i NodeHostname=$H NodeAddr=127.0.0.1 Port=$((BASE + i)) CPUs=$CPUS RealMemory=16000 TmpDisk=50000 State=UNKNOWN"
    done
    echo "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP"
  } > "$CONF"
  export SLURM_CONF=$CONF
  launch munged munged --foreground --force --num-threads=2 --key-file="$D/munge/key" --socket="$D/munge/socket" \
    --pid-file="$D/run/munged.own" --log-file="$D/log/munged.log" --seed-file="$D/munge/seed"
  for ((i = 0; i < 50; i++)); do munge -n -S "$D/munge/socket" >/dev/null 2>&1 && break; sleep 0.1; done
  munge -n -S "$D/munge/socket" 2>/dev/null | unmunge -S "$D/munge/socket" >/dev/null 2>&1 || { "$0" stop "$D"; die "munged does not answer: $D/log/munged.out"; }
  launch slurmctld slurmctld -D -i -f "$CONF"
  for ((i = 1; i <= NODES; i++)); do launch "slurmd.n$i" slurmd -D -f "$CONF" -N "n$i"; done
  for ((i = 0; i < 300; i++)); do
    [ "$(sinfo -h -N -t idle -o %N 2>/dev/null | sort -u | wc -l)" = "$NODES" ] && { echo "export SLURM_CONF=$CONF"; exit 0; }
    for n in $(daemons); do our_pid "$n" >/dev/null || { echo "slurm-local: $n ended; its log's end:" >&2; tail -5 "$D/log/$n.log" "$D/log/$n.out" "$D/log/slurmd.${n#slurmd.}.log" 2>/dev/null >&2; "$0" stop "$D"; exit 1; }; done
    sleep 0.1
  done
  sinfo -N -l >&2; "$0" stop "$D"; die "nodes did not become idle in 30 s: see $D/log"
  ;;
stop)
  if [ -f "$CONF" ] && our_pid slurmctld >/dev/null; then
    export SLURM_CONF=$CONF
    timeout 10 scancel --state=PENDING,RUNNING,SUSPENDED --user="$(id -un)" --quiet 2>/dev/null
    timeout 10 scancel --full --signal=KILL --user="$(id -un)" --quiet 2>/dev/null
    for ((i = 0; i < 150; i++)); do [ -z "$(timeout 5 squeue -h 2>/dev/null)" ] && break; sleep 0.1; done
  fi
  for n in $(daemons | grep '^slurmd'); do end "$n"; done
  end slurmctld; end munged
  echo stopped
  ;;
status)
  rc=0
  for n in munged slurmctld $(daemons | grep '^slurmd\.'); do if p=$(our_pid "$n"); then echo "$n running pid $p"; else echo "$n not running"; rc=3; fi; done
  [ $rc = 0 ] && SLURM_CONF=$CONF timeout 10 sinfo -N -h -o '%N %t %c cpus'
  exit $rc
  ;;
kill)
  [ $# -eq 3 ] || usage
  N=$3
  p=$(our_pid "slurmd.$N") || die "no slurmd of $N is running"
  kill -KILL "$p"
  # A slurmstepd is no child of its slurmd, but what it starts knows the node and our slurm.conf.
  for step in $(pgrep -x slurmstepd); do
    for p in $(pgrep -P "$step"); do
      v=$'\n'$(tr '\0' '\n' 2>/dev/null < "/proc/$p/environ")$'\n'
      case $v in *$'\n'"SLURMD_NODENAME=$N"$'\n'*) ;; *) continue;; esac
      case $v in *$'\n'"SLURM_CONF=$CONF"$'\n'*) ;; *) continue;; esac
      kill -KILL "$step" 2>/dev/null
      kill_tree "$p"
    done
  done
  rm -f "$D/run/slurmd.$N.pid"
  ;;
env) [ -f "$CONF" ] || die "no slurm.conf in $D"; echo "export SLURM_CONF=$CONF" ;;
*) usage ;;
esac

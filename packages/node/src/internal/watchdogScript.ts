/**
 * What the watchdog runs: `sh -c script sh leader closeTenths terminateTenths psArgs…`, with psArgs only where there is
 * no `/proc`. Its stdin brings the mark and then nothing more: the end of it is the program's. Descriptor 3, where it has
 * one, is the program's end of the leader's stdin.
 *
 * It finds the tree as `ProcessFamily` does and ends it as `Shutdown` does, in the shell alone: Node may be what died, is
 * not everywhere at `process.execPath`, and has forty times the memory while it waits.
 *
 * @internal
 */
export const script = `
# Whoever ends the program's terminal does not end this.
trap '' HUP INT TERM PIPE
leader=$1 close=$2 terminate=$3
shift 3
psArgs=$#

has() {
  case " $1 " in *" $2 "*) return 0 ;; esac
  return 1
}

# Sets parent, group and started of a process; fails where it has ended.
examine() {
  stat=
  while IFS= read -r line || [ -n "$line" ]; do stat=$stat$line; done < "/proc/$1/stat" || return 1
  # The name stands before the last parenthesis, and may itself hold any character.
  set -- \${stat##*) }
  case $1 in '' | Z | X) return 1 ;; esac
  parent=$2 group=$3 started=\${20}
}

isMarked() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *"$mark"*) return 0 ;; esac
  done < "/proc/$1/environ"
  return 1
}

fromProc() {
  rows=
  for dir in /proc/[0-9]*; do
    pid=\${dir#/proc/}
    examine "$pid" || continue
    flag=-
    if isMarked "$pid"; then flag=marked; fi
    rows="$rows $pid:$parent:$group:$flag:$started"
  done
}

fromPs() {
  rows=$(LC_ALL=C ps "$@" | while read -r pid parent group state a b c d e command; do
    case $pid$parent$group in '' | *[!0-9]*) continue ;; esac
    case $state in Z* | X*) continue ;; esac
    flag=-
    case $command in *"$mark"*) flag=marked ;; esac
    echo "$pid:$parent:$group:$flag:$a-$b-$c-$d-$e"
  done)
}

parse() {
  pid=\${1%%:*} rest=\${1#*:}
  parent=\${rest%%:*} rest=\${rest#*:}
  group=\${rest%%:*} rest=\${rest#*:}
  flag=\${rest%%:*} started=\${rest#*:}
}

isKnown() {
  [ "$flag" = marked ] || has "$known" "$pid:$started"
}

# A number is not given away while a group has it: where a stranger has it as pid, the group is none of ours any more.
dropStrangers() {
  for row in $rows; do
    parse "$row"
    if has "$groups" "$pid" && ! isKnown; then
      kept=
      for one in $groups; do [ "$one" = "$pid" ] || kept="$kept $one"; done
      groups=$kept
    fi
  done
}

# Sets members: whoever of the tree is left, and whoever it has started since.
look() {
  if [ "$psArgs" = 0 ]; then fromProc; else fromPs "$@"; fi
  known="$leader:$leaderStarted $members" members= pids= before=-
  dropStrangers
  while [ "$members" != "$before" ]; do
    before=$members
    for row in $rows; do
      parse "$row"
      has "$pids" "$pid" && continue
      if isKnown || has "$groups" "$group" || has "$pids" "$parent"; then
        pids="$pids $pid" groups="$groups $group" members="$members $pid:$started"
      fi
    done
  done
  [ -n "$members" ]
}

isAlive() {
  if [ "$psArgs" = 0 ]; then examine "\${1%%:*}" && [ "$started" = "\${1#*:}" ]; else kill -0 "\${1%%:*}"; fi
}

anyAlive() {
  for member in $1; do isAlive "$member" && return 0; done
  return 1
}

# Waits until none of them is left, for so many tenths of a second.
await() {
  tenths=$2
  while [ "$tenths" -gt 0 ] && anyAlive "$1"; do
    sleep 0.1 || sleep 1
    tenths=$((tenths - 1))
  done
}

signal() {
  for member in $members; do kill -s "$1" "\${member%%:*}"; done
}

startOf() {
  if [ "$psArgs" = 0 ]; then
    examine "$1" && echo "$started"
  else
    LC_ALL=C ps -o lstart= -p "$1" | { read -r a b c d e && echo "$a-$b-$c-$d-$e"; }
  fi
}

# Without a mark everything would seem to have it.
read -r mark && [ -n "$mark" ] || exit 0
members= groups= leaderStarted=$(startOf "$leader")
while read -r line; do :; done

# The program has ended. The leader does not know it before this has looked: what it leaves behind when it ends may not
# be told from others any more.
look "$@"
exec 3>&-
await "$leader:$leaderStarted" "$close"
look "$@" || exit 0
signal TERM
await "$members" "$terminate"
rounds=10
while [ "$rounds" -gt 0 ] && look "$@"; do
  signal KILL
  await "$members" 1
  rounds=$((rounds - 1))
done
`

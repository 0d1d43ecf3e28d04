#!/usr/bin/env bash
# Looks whether anything of a playground is left, by other means than the program itself uses: shares no code with it.
#
#   witness.sh remember SANDBOX                      before: notes what is there, in SANDBOX/witness
#   witness.sh look NAME SANDBOX FORMER_KUBECONFIG   after: prints one finding a line
#
# SANDBOX holds `state` (PLAY_STATE_DIR) and `kubeconfig`. Exit codes of look: 0 nothing is left, 1 something is,
# 2 it could not look. Engines are those of docker and podman that answer at `remember`: all of them, or the one in
# PLAY_ENGINE. Meanwhile nobody else may make clusters on them, or files called play-* in TMPDIR.
# WITNESS_PATIENCE: seconds for processes to end, 5 unless told.
set -uo pipefail
export LC_ALL=C

blind() {
  printf 'could not look: %s\n' "$*" >&2
  exit 2
}

# The names of everything of a kind (volume, network) that an engine has, sorted.
names_of() { # ENGINE KIND
  timeout 30 "$1" "$2" ls --format '{{.Name}}' </dev/null 2>/dev/null | sort
}

# Where programs put what is temporary; sandboxes of tests, this one among them, are no leftovers of the program.
temporary() {
  find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'play-*' ! -name 'play-e2e-*' ! -name 'play-c[ir]*' | sort
}

remember() {
  local sandbox=$1 engine wanted
  wanted=${PLAY_ENGINE:-docker podman}
  mkdir -p "$sandbox/witness" || blind "cannot write to $sandbox"
  : >"$sandbox/witness/engines"
  for engine in $wanted; do
    command -v "$engine" >/dev/null || continue
    timeout 30 "$engine" ps --all --quiet </dev/null >/dev/null 2>&1 || continue
    names_of "$engine" volume >"$sandbox/witness/$engine.volume" || continue
    names_of "$engine" network >"$sandbox/witness/$engine.network" || continue
    echo "$engine" >>"$sandbox/witness/engines"
  done
  temporary >"$sandbox/witness/temporary" || blind "cannot read ${TMPDIR:-/tmp}"
  [ -s "$sandbox/witness/engines" ] || blind "none of these answers: $wanted"
}

containers() { # ENGINE NAME
  timeout 30 "$1" ps --all --filter "label=io.x-k8s.kind.cluster=play-$2" --format '{{.Names}}' </dev/null |
    sed "s/^/$1 container: /"
}

# What is new of a kind, and what was there before and is not any more.
changes() { # ENGINE KIND SANDBOX
  local before="$3/witness/$1.$2" now
  now=$(names_of "$1" "$2") || return 1
  comm -13 "$before" <(printf '%s' "${now:+$now$'\n'}") | sed "s/^/$1 $2: /"
  comm -23 "$before" <(printf '%s' "${now:+$now$'\n'}") | sed "s/^/$1 $2 that was there before is gone: /"
}

# Programs that the playground started, or was: engines keep daemons (conmon, aardvark-dns) of that environment, too.
processes_now() { # SANDBOX
  local file pid program words
  grep -laF -- "$1" /proc/[0-9]*/environ 2>/dev/null | while IFS= read -r file; do
    pid=${file#/proc/}
    pid=${pid%/environ}
    words=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) || continue
    program=${words%% *}
    case ${program##*/} in
      pulumi | pulumi-* | kind | node | play | kubectl | git) ;;
      # The plug-in until its shell has become Node.
      sh) [[ $words == *pulumi-resource-play* ]] || continue ;;
      docker) ;;
      podman) [[ $words != *' system service'* && $words != 'podman: '* ]] || continue ;;
      *) continue ;;
    esac
    printf 'process %s: %s\n' "$pid" "${words:0:120}"
  done
}

processes() { # SANDBOX
  local deadline=$((SECONDS + ${WITNESS_PATIENCE:-5})) found
  while
    # The status tells only that some process ended while it was looked at.
    found=$(processes_now "$1" || true)
    [ -n "$found" ] && [ "$SECONDS" -lt "$deadline" ]
  do sleep 0.2; done
  printf '%s' "${found:+$found$'\n'}"
}

files() { # SANDBOX
  local state="$1/state"
  if [ -e "$state" ]; then
    # Two folders stay, for certificates and for playgrounds to come.
    find "$state" -mindepth 1 \( -path "$state/certificates" -prune \) -o \
      ! \( -type d -path "$state/playgrounds" \) ! -path "$state" -print | sed 's/^/file: /' || return 1
  fi
  find "$1" -mindepth 1 -maxdepth 1 ! -name state ! -name kubeconfig ! -name witness ! -name crash |
    sed 's/^/file: /'
}

look() {
  local name=$1 sandbox=$2 former=$3 engine kind findings found
  [ -s "$sandbox/witness/engines" ] || blind "nothing was remembered in $sandbox/witness"
  [ -r /proc/self/environ ] || blind 'there is no /proc'
  [ -r "$former" ] || blind "no copy of the former kubeconfig at $former"
  findings=$(processes "$sandbox")
  while IFS= read -r engine; do
    found=$(containers "$engine" "$name") || blind "$engine does not tell its containers"
    findings+=${found:+$'\n'$found}
    for kind in volume network; do
      found=$(changes "$engine" "$kind" "$sandbox") || blind "$engine does not tell its ${kind}s"
      findings+=${found:+$'\n'$found}
    done
  done <"$sandbox/witness/engines"
  cmp -s "$sandbox/kubeconfig" "$former" || findings+=$'\nkubeconfig: differs from what it was'
  found=$(files "$sandbox") || blind "cannot read $sandbox"
  findings+=${found:+$'\n'$found}
  found=$(comm -13 "$sandbox/witness/temporary" <(temporary) | sed 's/^/temporary: /')
  findings+=${found:+$'\n'$found}
  findings=$(printf '%s\n' "$findings" | sed '/^$/d')
  [ -z "$findings" ] && exit 0
  printf '%s\n' "$findings"
  exit 1
}

case "${1:-} $#" in
  'remember 2') remember "$2" ;;
  'look 4') look "$2" "$3" "$4" ;;
  *) blind 'usage: witness.sh remember SANDBOX | look NAME SANDBOX FORMER_KUBECONFIG' ;;
esac

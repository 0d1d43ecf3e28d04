/** A wrapper around runc for machines where CAP_SYS_RESOURCE is missing, as in most sandboxes. */

/**
 * The wrapper's text: a bash script. Docker asks runc for the capability, for limits above the permitted ones
 * and for negative oom scores, and runc fails where it cannot give them. The wrapper takes them out of the
 * bundle's config.json (create, run) and of the process file (exec) before runc reads them.
 */
export const limitedRuntime = `#!/bin/bash
set -euo pipefail
keep='map(select(. != "CAP_SYS_RESOURCE"))'
limit="del(.rlimits)
  | (.capabilities // {}) |= with_entries(.value |= $keep)
  | if (.oomScoreAdj // 0) < 0 then .oomScoreAdj = 0 else . end"
verb= bundle= process=
args=("$@")
for ((i = 0; i < \${#args[@]}; i++)); do
  case \${args[i]} in
    create | run | exec) verb=\${verb:-\${args[i]}} ;;
    --bundle | -b) bundle=\${args[i + 1]} ;;
    --process | -p) process=\${args[i + 1]} ;;
  esac
done
edit() {
  local text
  text=$(jq "$1" "$2")
  printf '%s' "$text" > "$2"
}
case $verb in
  create | run) edit ".process |= ($limit)" "\${bundle:-.}/config.json" ;;
  exec) [ -z "$process" ] || edit "$limit" "$process" ;;
esac
exec runc "$@"
`

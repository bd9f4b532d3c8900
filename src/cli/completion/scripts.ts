/*
 * Each script asks `lab __complete` with the words up to the cursor, and offers files where that has no answer.
 */

const bash = `_lab() {
  mapfile -t COMPREPLY < <("$1" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null | cut -f 1)
}
complete -o default -F _lab lab
`;

const zsh = `#compdef lab
_lab() {
  local -a candidates
  local word about
  while IFS=$'\\t' read -r word about; do
    candidates+=("\${word//:/\\\\:}\${about:+:$about}")
  done < <("$words[1]" __complete -- "\${(@)words[2,CURRENT]}" 2> /dev/null)
  if (( $#candidates )); then _describe lab candidates; else _files; fi
}
if [[ $funcstack[1] == _lab ]]; then _lab "$@"; else compdef _lab lab; fi
`;

const fish = `function __lab_complete
    set --local words (commandline --tokenize --cut-at-cursor --current-process)
    set --local current (commandline --current-token --cut-at-cursor)
    set --local found ($words[1] __complete -- $words[2..] "$current" 2> /dev/null)
    if set --query found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete --command lab --no-files --arguments '(__lab_complete)'
`;

export const completionScripts = { bash, zsh, fish } as const;

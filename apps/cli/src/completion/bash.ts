import { quoted } from '../terminal/text.ts';
import { arms, definite, type Tables } from './tables.ts';
import type { Expected, Word } from './tree.ts';

const offer = (expected: Expected): string =>
  expected === 'file' ? 'files=1' : `values=${quoted([...expected].join(' '))}`;

const offerWords = (words: readonly Word[]): string =>
  `values=${quoted(words.map(({ word }) => word).join(' '))}`;

/** The completion of bash; it needs nothing but bash (3.2 or newer). */
export const bashScript = (name: string, tables: Tables): string => `\
# Completion of ${name} for bash. Load it with:  source <(${name} completion bash)
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at='' option='' word='' values='' files='' head='' argument=0 i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # bash divides words at = and at :
    if [[ $word == = ]]; then continue; fi
    if [[ $word == : ]]; then ((i++)); continue; fi
    if [[ -n $option ]]; then option=''; continue; fi
    case "$at|$word" in
      ${tables.steps.map(quoted).join('|')})
        at="\${at:+$at }$word"; argument=0 ;;
      ${tables.optionValues.map(({ key }) => quoted(key)).join('|')})
        option=$word ;;
      *'|-'*) ;;
      *) argument=$((argument + 1)) ;;
    esac
  done
  if [[ $cur == = ]]; then cur=''; fi
  if [[ -n $option ]]; then
    case "$at|$option" in
${arms(definite(tables.optionValues), offer)}
    esac
    # Of several values with commas between, the last one is completed.
    if [[ $cur == *,* ]]; then head="\${cur%,*},"; cur="\${cur##*,}"; fi
  elif [[ $cur == -* ]]; then
    case "$at" in
${arms(tables.options, offerWords)}
    esac
  else
    case "$at" in
${arms(tables.commands, offerWords)}
    esac
    case "$at|$argument" in
${arms(definite(tables.arguments), offer)}
    esac
  fi
  local IFS=$' \\t\\n'
  if [[ -n $files ]]; then
    IFS=$'\\n'
    compopt -o filenames 2> /dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
  else
    COMPREPLY=($(compgen -P "$head" -W "$values" -- "$cur"))
  fi
}
complete -F _${name} ${name}
`;

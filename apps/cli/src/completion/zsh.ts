import { quoted } from '../terminal/text.ts';
import { arms, definite, type Tables } from './tables.ts';
import type { Expected, Word } from './tree.ts';

const offer = (expected: Expected): string =>
  expected === 'file' ? '_files' : `values=(${[...expected].map(quoted).join(' ')})`;

const offerWords = (words: readonly Word[]): string =>
  `described=(${words.map(({ word, meaning }) => quoted(`${word}:${meaning.replaceAll(':', '\\:')}`)).join(' ')})`;

/** The completion of zsh, with what each word means. */
export const zshScript = (name: string, tables: Tables): string => `\
#compdef ${name}
# Completion of ${name} for zsh. Load it with:  source <(${name} completion zsh)
_${name}() {
  local at='' option='' word=''
  local -a values described
  integer argument=0 i
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $option ]]; then option=''; continue; fi
    case "$at|$word" in
      ${tables.steps.map((key) => `(${quoted(key)})`).join('|')})
        at="\${at:+$at }$word"; argument=0 ;;
      ${tables.optionValues.map(({ key }) => `(${quoted(key)})`).join('|')})
        option=$word ;;
      *'|-'*) ;;
      *) argument=$((argument + 1)) ;;
    esac
  done
  if [[ -z $option && \${words[CURRENT]} == --*=* ]]; then
    option=\${words[CURRENT]%%=*}
    compset -P '*='
  fi
  if [[ -n $option ]]; then
    case "$at|$option" in
${arms(definite(tables.optionValues), offer)}
    esac
    compset -P '*,'
  elif [[ \${words[CURRENT]} == -* ]]; then
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
  if (( $#described )); then _describe -t words ${quoted(name)} described; fi
  if (( $#values )); then compadd -a values; fi
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;

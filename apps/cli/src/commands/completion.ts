import { Argument, type Command } from 'commander';
import type { ShellName } from '../completion/index.ts';
import type { Shell } from '../shell.ts';
import { examples } from './help.ts';
import { valuesOf } from './options.ts';

const shells = valuesOf<ShellName>({ bash: true, zsh: true, fish: true });

/** `tocsin completion`: made from the commands themselves, so it knows each of them and nothing else. */
export function addCompletion(program: Command, shell: Shell): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell to complete in').choices(shells))
    .summary('print a script that completes commands in your shell')
    .description(
      'Prints a script that completes commands, options and their values in your shell. ' +
        'It is for a command of the name tocsin; where that is not on the PATH, an alias will do.',
    )
    .addHelpText(
      'after',
      examples(
        'source <(tocsin completion bash)      # in ~/.bashrc',
        'source <(tocsin completion zsh)       # in ~/.zshrc, after compinit',
        'tocsin completion fish | source       # in ~/.config/fish/config.fish',
      ),
    )
    .action(async (name: ShellName, _options: unknown, command: Command) => {
      const { completionScript } = await import('../completion/index.ts');
      const script = completionScript(program, name);
      shell.output(command).text(script, { shell: name, script });
    });
}

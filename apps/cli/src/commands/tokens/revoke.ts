import type { Command } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { isId } from '../names.ts';

/** `tocsin tokens revoke` */
export function addRevoke(tokens: Command, shell: Shell): void {
  tokens
    .command('revoke')
    .argument('<id>', 'its id, as `tocsin tokens list` shows it')
    .summary('revoke an API token')
    .description('Revokes an API token, for good: within a second the desk refuses it everywhere.')
    .addHelpText('after', examples('tocsin tokens revoke 019c1378-2a00-7d3b-9a50-3f5c1b7e9d15'))
    .action(async (id: string, _options: unknown, command: Command) => {
      // Whoever types the token itself has shown it, and must not see it repeated.
      if (!isId(id)) throw new UsageError('A token is revoked by its id; `tocsin tokens list` shows it.');
      const { client } = await shell.connect(command);
      shell
        .output(command)
        .answer(await client.tokens.revoke.mutate({ id }), () => `The token ${id} is revoked`);
    });
}

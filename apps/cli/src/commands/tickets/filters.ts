import type { Client, Inputs } from '@tocsin/client';
import type { Command } from 'commander';
import { naming, viewOf } from '../names.ts';
import { choicesOption, commas, given } from '../options.ts';
import { when, whenHint } from '../when.ts';
import { queryOf } from './query.ts';
import { priorities, statuses, types } from './values.ts';

type Filters = Omit<Extract<Inputs['tickets']['count'], object>, 'view'>;

/** What a search is narrowed by, as commander reads it. */
export interface FilterOptions extends Omit<Filters, 'q'> {
  /** By id or name. */
  readonly view?: string;
}

/** The words of a query and the options of every filter. */
export const addFilters = (command: Command): Command =>
  command
    .argument('[query...]', 'what to look for, such as: disk -test priority:>=high (docs/query-language.md)')
    // A word that is not wanted begins as an option does.
    .allowUnknownOption()
    // What is wrong usage is so whether there is a desk or not.
    .hook('preAction', (_, { args }) => void queryOf(args))
    .addOption(choicesOption('--status <statuses>', 'in one of these, with commas between', statuses))
    .addOption(choicesOption('--priority <priorities>', 'of one of these', priorities))
    .addOption(choicesOption('--type <types>', 'of one of these', types))
    .option('--requester <users>', `whom it is for: ${naming.user}, or none`, commas)
    .option('--assignee <users>', `who works on it: ${naming.user}, or none`, commas)
    .option('--team <teams>', `the team that works on it: ${naming.team}, me (yours) or none`, commas)
    .option('--service <services>', `what it is about: ${naming.service}, or none`, commas)
    .option('--tag <tags>', 'has one of these', commas)
    .option('--source <system:id>', 'what came from elsewhere, such as servicenow:0000045')
    .option('--created-after <when>', `opened then or later: ${whenHint}`, when('before'))
    .option('--created-before <when>', 'opened before', when('before'))
    .option('--updated-after <when>', 'last changed then or later', when('before'))
    .option('--updated-before <when>', 'last changed before', when('before'))
    .option('--view <view>', 'as a saved view finds them: its name or id');

/** What was typed, as the desk takes it. @throws UsageError; Failure for a view that there is not */
export async function filtersOf(client: Client, words: readonly string[], options: FilterOptions) {
  const { view, ...filters } = options;
  const found = view === undefined ? undefined : await viewOf(client, view);
  return { filters: given({ q: queryOf(words), ...filters, view: found?.id }), view: found };
}

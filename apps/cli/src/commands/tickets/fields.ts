import type { Inputs } from '@tocsin/client';
import type { Command } from 'commander';
import { readStandardInput } from '../../terminal/prompts.ts';
import { choiceOption, collect, given } from '../options.ts';
import { grades, priorities, types } from './values.ts';

type Create = Inputs['tickets']['create'];
type Edit = Inputs['tickets']['edit'];

/** The fields of a ticket as commander reads them; `false` is `--no-…`. */
export interface FieldOptions {
  readonly title?: string;
  readonly description?: string | false;
  readonly type?: NonNullable<Create['type']>;
  readonly priority?: NonNullable<Create['priority']>;
  readonly impact?: Grade | 'none' | false;
  readonly urgency?: Grade | 'none' | false;
  readonly restricted?: boolean;
  readonly tag?: string[];
  /** False for `--no-tags`. */
  readonly tags?: false;
}

type Grade = (typeof grades)[number];

/** The options of a ticket's fields that creating and editing have in common. */
export function addFieldOptions(command: Command): Command {
  return command
    .option('--title <text>', 'what is wrong or wanted, in a line')
    .option('--description <markdown>', 'more about it; - reads standard input')
    .addOption(choiceOption('--type <type>', 'what kind of ticket', types))
    .addOption(choiceOption('--priority <priority>', 'how pressing; set by hand it stays', priorities))
    .addOption(choiceOption('--impact <grade>', 'how much is affected', [...grades, 'none']))
    .addOption(choiceOption('--urgency <grade>', 'how soon it must be mended', [...grades, 'none']))
    .option('--restricted', 'only for those who work on it')
    .option('--tag <tag>', 'a tag; repeat it for more', collect);
}

/** The options that take something away again. */
export const addClearingOptions = (command: Command): Command =>
  command
    .option('--no-description', 'remove the description')
    .option('--no-impact', 'no impact known (also --impact none)')
    .option('--no-urgency', 'no urgency known (also --urgency none)')
    .option('--no-restricted', 'for everybody again')
    .option('--no-tags', 'remove all tags');

const orNone = (grade: FieldOptions['impact']): Grade | null | undefined =>
  grade === false || grade === 'none' ? null : grade;

/** What was typed, as the desk takes it: only the fields that were given. */
export async function fieldsOf(options: FieldOptions): Promise<Omit<Edit, 'id'>> {
  const { title, type, priority, restricted, tag, tags } = options;
  return given({
    title,
    description: await descriptionOf(options),
    type,
    priority,
    impact: orNone(options.impact),
    urgency: orNone(options.urgency),
    restricted,
    tags: tag ?? (tags === false ? [] : undefined),
  }) as Omit<Edit, 'id'>;
}

async function descriptionOf({ description }: FieldOptions): Promise<string | null | undefined> {
  if (description === false) return null;
  return description === '-' ? readStandardInput() : description;
}

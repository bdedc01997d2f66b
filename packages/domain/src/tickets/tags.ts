import { type InputFault, invalidInput } from '../core/index.ts';
import { type EditTicket, MAX_TAGS } from './schema.ts';

/**
 * The tags of a ticket after a patch; undefined where it says nothing of them.
 * @throws input.invalid for `tags` beside tags to add or remove, a tag to be added and removed, and too many in the end
 */
export function tagsAfter(
  before: readonly string[],
  { tags, addTags, removeTags }: Pick<EditTicket, 'tags' | 'addTags' | 'removeTags'>,
): string[] | undefined {
  if (addTags === undefined && removeTags === undefined) return tags;
  const [added, removed] = [new Set(addTags), new Set(removeTags)];
  const faults: InputFault[] = [];
  if (tags !== undefined)
    for (const [field, given] of Object.entries({ addTags, removeTags }))
      if (given)
        faults.push({ path: [field], message: 'Not together with tags, which replaces all of them' });
  for (const [index, tag] of (removeTags ?? []).entries())
    if (added.has(tag))
      faults.push({ path: ['removeTags', index], message: 'This tag is to be added as well' });
  const after = [...new Set([...before, ...added])].filter((tag) => !removed.has(tag));
  if (after.length > MAX_TAGS && after.length > before.length)
    faults.push({
      path: ['addTags'],
      message: `A ticket has at most ${MAX_TAGS} tags; this one would have ${after.length}`,
    });
  if (faults.length > 0) throw invalidInput(faults);
  return after;
}

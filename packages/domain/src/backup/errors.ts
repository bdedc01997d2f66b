import { DomainError } from '../core/index.ts';

export const backupExists = (file: string): DomainError =>
  new DomainError({
    code: 'backup.file_exists',
    detail: `${file} exists already. Name another file, or write over it with --force.`,
  });

/** The folder of the file, or the file, cannot be used; `reason` as the operating system has it. */
export const backupUnreachable = (file: string, reason: string): DomainError =>
  new DomainError({ code: 'backup.unreachable', detail: `${file}: ${reason}.` });

export const notABackup = (file: string, reason: string): DomainError =>
  new DomainError({
    code: 'backup.not_a_backup',
    detail: `${file} is no backup of a desk: ${reason}.`,
  });

export const backupDamaged = (file: string, reason: string): DomainError =>
  new DomainError({
    code: 'backup.damaged',
    detail: `${file} is damaged: ${reason}.\nNothing was restored from it; take another backup.`,
  });

/** `what` is what this version does not know. */
export const backupTooNew = (file: string, { what, tocsin }: { what: string; tocsin: string }): DomainError =>
  new DomainError({
    code: 'backup.too_new',
    detail: `${file} was made by Tocsin ${tocsin}, and this version does not know ${what}.\nRestore it with that version or a newer one.`,
  });

/** `found` are the tables with more or less in them than the migrations leave there. */
export const deskNotEmpty = (found: readonly string[]): DomainError =>
  new DomainError({
    code: 'backup.desk_not_empty',
    detail: [
      `There is something in this desk already: ${found.join(', ')}.`,
      'Restore into an empty one (another DATABASE_URL or TOCSIN_DATA_DIR), or give up what is there with --replace.',
    ].join('\n'),
  });

export const deskServed = (who: string): DomainError =>
  new DomainError({
    code: 'backup.desk_served',
    detail: `Somebody uses this desk: ${who}.\nStop the server first; a desk cannot be restored under its feet.`,
  });

/** A schema that an operator changed by hand, or migrations that differ from those of the backup. */
export const schemaDiffers = (what: string): DomainError =>
  new DomainError({
    code: 'backup.schema_differs',
    detail: `The backup does not fit the schema that its migrations make: ${what}.`,
  });

/** Rows that break rules of the desk: somebody made or changed them by other means. */
export const backupInconsistent = (file: string, faults: readonly string[]): DomainError =>
  new DomainError({
    code: 'backup.inconsistent',
    detail: `${file} breaks the rules of a desk: ${faults.join('; ')}.\nNothing was restored from it; take another backup.`,
  });

/** A number that the next ticket cannot have, because the desk is further. */
export const numberTaken = (wanted: number, next: number): DomainError =>
  new DomainError({
    code: 'backup.number_taken',
    detail: `The next number cannot be ${wanted}: those below ${next} have been given already. Name ${next} or a higher one.`,
  });

/** A number from which the numbers of a desk could end one day. */
export const numberTooHigh = (wanted: number, most: number): DomainError =>
  new DomainError({
    code: 'backup.number_too_high',
    detail: `The next number cannot be ${wanted}: it would leave no room for those that follow. Name ${most} or a lower one.`,
  });

/** A path that a backup must not be written to, whatever was asked for. */
export const notAFile = (file: string, what: string): DomainError =>
  new DomainError({
    code: 'backup.not_a_file',
    detail: `${file} is ${what}, not a regular file, so it is not replaced. Name another file.`,
  });

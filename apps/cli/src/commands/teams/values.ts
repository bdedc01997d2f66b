import type { Outputs } from '@tocsin/client';
import { Argument } from 'commander';
import { naming } from '../names.ts';

export type Team = Outputs['teams']['get'];

/** The argument that names a team. */
export const teamArgument = (): Argument => new Argument('<team>', naming.team);

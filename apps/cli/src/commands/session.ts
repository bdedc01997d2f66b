import type { Command } from 'commander';
import type { Shell } from '../shell.ts';
import { addLogin } from './login.ts';
import { addLogout } from './logout.ts';
import { addPassword } from './password.ts';
import { addWhoami } from './whoami.ts';

/** `tocsin login`, `logout`, `whoami` and `password`: who somebody is to a desk. */
export function addSession(program: Command, shell: Shell): void {
  for (const add of [addLogin, addLogout, addWhoami, addPassword]) add(program, shell);
}

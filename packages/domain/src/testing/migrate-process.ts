import { migrate } from '../core/index.ts';

/** A process that migrates the database of its argument, so that tests can run two at once, or kill one. */
await migrate(String(process.argv[2]));

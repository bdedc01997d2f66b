#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { readEnvironment } from './environment.ts';

// Halves the time until the first word. In a folder of the person's own: what lies there is run.
enableCompileCache(join(readEnvironment().cacheHome, 'tocsin'));
const [{ run }, { watchStreams }] = await Promise.all([import('./run.ts'), import('./terminal/output.ts')]);

watchStreams();
process.exitCode = await run(process.argv.slice(2));

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, matchesGlob } from 'node:path';
import { bareEnvironment, filesOfClone, root } from './checkout.ts';

/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** What a Dockerfile makes, in a folder instead of an image. */
export interface Image {
  /** Stands for `/`. */
  readonly folder: string;
  readonly base: string;
  readonly workdir: string;
  readonly user: string;
  readonly environment: Record<string, string>;
  readonly command: string[];
  readonly healthcheck: string[];
}

/** Parses the instructions of a Dockerfile. */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
  return lines.split('\n').flatMap((line) => {
    const [, name, value] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    return name && value ? [{ name, value }] : [];
  });
}

/** The files of a clone that `.dockerignore` lets into the build; the last pattern that fits a file or its folder decides. */
export function buildContext(): string[] {
  const patterns = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  const fits = (file: string, pattern: string): boolean =>
    file !== '.' && (matchesGlob(file, pattern) || fits(dirname(file), pattern));
  return filesOfClone().filter((file) => {
    const deciding = patterns.findLast((pattern) => fits(file, pattern.replace(/^!/, '')));
    return deciding === undefined || deciding.startsWith('!');
  });
}

type Stage = { -readonly [Key in keyof Image]: Image[Key] };

/** Carries a Dockerfile's instructions out below `scratch`. @returns the last stage */
export function buildImage(instructions: readonly Instruction[], scratch: string): Image {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const { name, value } of instructions) {
    if (name === 'FROM') {
      const [base = '', , alias = String(stages.size)] = value.split(/\s+/);
      stage = newStage(base, join(scratch, alias));
      stages.set(alias, stage);
    } else if (stage) carryOut({ name, value }, stage, stages);
  }
  if (!stage) throw new Error('The Dockerfile has no FROM');
  return stage;
}

function newStage(base: string, folder: string): Stage {
  mkdirSync(folder);
  return { folder, base, workdir: '/', user: 'root', environment: {}, command: [], healthcheck: [] };
}

function carryOut({ name, value }: Instruction, stage: Stage, stages: ReadonlyMap<string, Stage>): void {
  const at = join(stage.folder, stage.workdir);
  if (name === 'WORKDIR') mkdirSync(join(stage.folder, value), { recursive: true });
  if (name === 'WORKDIR') stage.workdir = value;
  else if (name === 'ENV')
    Object.assign(stage.environment, Object.fromEntries(value.split(/\s+/).map((one) => one.split('='))));
  else if (name === 'USER') stage.user = value;
  else if (name === 'CMD') stage.command = JSON.parse(value);
  else if (name === 'HEALTHCHECK') stage.healthcheck = JSON.parse(value.slice(value.indexOf('[')));
  else if (name === 'COPY') copy(value, at, stages);
  else if (name === 'RUN') run(value, stage);
  else if (!['VOLUME', 'EXPOSE'].includes(name)) throw new Error(`This test cannot carry out ${name}`);
}

function copy(value: string, at: string, stages: ReadonlyMap<string, Stage>): void {
  const words = value.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? stages.get(words.shift()?.slice(7) ?? '') : undefined;
  const to = words.pop() ?? '';
  for (const word of words) {
    if (from) cpSync(join(from.folder, word), join(at, to), { recursive: true, verbatimSymlinks: true });
    else copyFromContext(word, to, at);
  }
}

/** A folder's files go below the target, a file goes into a target that ends with a slash. */
function copyFromContext(word: string, to: string, at: string): void {
  const files = buildContext().filter((file) => file === word || file.startsWith(`${word}/`));
  if (files.length === 0) throw new Error(`COPY ${word}: .dockerignore leaves nothing of it`);
  for (const file of files) {
    const inside = file === word ? (to.endsWith('/') ? basename(file) : '') : file.slice(word.length + 1);
    cpSync(join(root, file), join(at, to, inside), { recursive: true });
  }
}

/** Absolute paths of the image are below the stage's folder here; its accounts do not exist here. */
function run(value: string, stage: Stage): void {
  const script = value
    .replace(/(?<=\s)\/(?=data\b)/g, `${stage.folder}/`)
    .replace(/\bchown \S+ \S+/g, 'true');
  const env = { ...bareEnvironment({ npm_config_prefer_offline: 'true' }), ...stage.environment };
  const at = join(stage.folder, stage.workdir);
  if (!existsSync(at)) throw new Error(`RUN in ${stage.workdir}, which is not there`);
  execFileSync('sh', ['-ec', script], { cwd: at, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

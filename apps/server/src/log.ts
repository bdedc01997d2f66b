import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** JSON lines on standard output; for people, when that is a terminal. */
export function openLog(level: string): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return process.stdout.isTTY
    ? pino(options, pretty({ translateTime: 'SYS:HH:MM:ss', ignore: 'requestId' }))
    : pino(options);
}

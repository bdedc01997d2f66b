import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** JSON lines on standard output; for people, when that is a terminal. @param worker which of several processes writes */
export function openLog(level: string, worker?: number): Logger {
  const options = {
    level,
    base: worker === undefined ? null : { worker },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return process.stdout.isTTY
    ? pino(options, pretty({ translateTime: 'SYS:HH:MM:ss', ignore: 'requestId' }))
    : pino(options);
}

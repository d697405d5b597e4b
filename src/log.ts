import { type DestinationStream, pino } from 'pino';
import pretty from 'pino-pretty';

/** A log, or a child of it that adds fields to each line. */
export type Logger = pino.Logger;

/** The server's log, on standard error: lines of JSON, or text where a person reads along. Never holds tokens or what people wrote. */
export function createLog(level: string): Logger {
  const readable = process.stderr.isTTY;
  const destination: DestinationStream = readable
    ? pretty({ destination: 2, ignore: 'pid,hostname', translateTime: 'HH:MM:ss', sync: true })
    : pino.destination({ dest: 2, sync: false });
  return pino({ level, base: null, redact: ['authorization', '*.authorization', 'req.headers'] }, destination);
}

import { createLogger, format, transports, type Logger } from 'winston';

export type { Logger } from 'winston';

/** A logger that writes one JSON object a line to standard output; its level can be changed at run time. */
export function newLogger(level: string, fields: Record<string, unknown>): Logger {
  return createLogger({
    level,
    defaultMeta: fields,
    format: format.combine(format.timestamp(), format.json()),
    transports: [new transports.Console()],
  });
}

import pino from 'pino';
import { redactDeep } from './redact-deep.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Plain data of a message; no field may replace the message itself. An Error under `error` is written on one line. */
export type LogFields = Readonly<Record<string, unknown>> & { readonly message?: never };

/** Messages are static, so that they can be grouped; variable parts are fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds these fields to every line. */
  with(fields: LogFields): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  /** Removes every secret from a text. */
  readonly redact: (text: string) => string;
  /** Writes one line, which ends with its line end. */
  readonly write: (line: string) => void;
}

/** A log as JSON lines, or as lines for a person at a terminal. */
export function createLog(options: LogOptions): Log {
  const write = options.format === 'json' ? options.write : (line: string) => options.write(prettyLine(line));
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  return wrap(logger, options.redact);
}

function wrap(logger: pino.Logger, redact: (text: string) => string): Log {
  // Redacted before the text is escaped for JSON: a secret with a quote would no longer be found afterwards.
  const clean = (fields: LogFields = {}) => redactDeep({ ...fields }, redact);
  const at = (level: LogLevel) => (message: string, fields?: LogFields) =>
    logger[level](clean(fields), redact(message));
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => wrap(logger.child(clean(fields)), redact),
  };
}

function prettyLine(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(fields).map(([name, value]) => `  ${name}=${prettyValue(value)}`);
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(message)}${pairs.join('')}\n`;
}

function prettyValue(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@#+-]+$/.test(value) ? value : JSON.stringify(value);
}

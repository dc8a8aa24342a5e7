import pino from 'pino';
import { redactDeep } from './redact-deep.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Plain data beside a message, which no field may hide; an Error under `error` is told in one line. */
export type LogFields = Readonly<Record<string, unknown>> & { readonly message?: never };

/** Messages are static, so that they group; what differs goes in fields. */
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
  /** Takes every secret out of a text. */
  readonly redact: (text: string) => string;
  /** Takes one line with its line end. */
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
  // Before the text is escaped for JSON: afterwards a secret with a quote in it would no longer be found.
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

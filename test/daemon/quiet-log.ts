import type { Log, LogFields } from '../../src/daemon/log/log.ts';

export interface QuietLog extends Log {
  readonly lines: { level: string; message: string; fields: LogFields }[];
}

/** A log that only collects its lines. */
export function quietLog(lines: QuietLog['lines'] = [], above: LogFields = {}): QuietLog {
  const at = (level: string) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields: { ...above, ...fields } });
  };
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => quietLog(lines, { ...above, ...fields }),
  };
}

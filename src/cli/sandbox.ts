import { once } from 'node:events';
import { stopSignal } from '../daemon/process-signals.ts';
import { type AuthentikVersion, type Plan, startSandbox } from '../sandbox/index.ts';
import { tell } from './terminal.ts';

export interface SandboxCommandOptions {
  readonly zones: readonly string[];
  readonly plan: Plan;
  readonly json: boolean;
  readonly delay: number;
  readonly settle: number;
  readonly authentikVersion: AuthentikVersion;
  readonly port?: number;
  readonly canary?: string;
}

/**
 * Runs until it is stopped. The line goes out unredacted: its tokens open nothing but this sandbox, and
 * handing them over is what the line is for.
 */
export async function sandbox({ json, ...options }: SandboxCommandOptions): Promise<number> {
  const signal = stopSignal();
  const started = await startSandbox({ ...options, zones: [...options.zones] });
  const { line } = started;
  const exports = Object.entries(line.env).map(([name, value]) => `export ${name}='${value}'\n`);
  process.stdout.write(json ? `${JSON.stringify(line)}\n` : exports.join(''));
  if (!json) tell(`sandbox: edge ${line.edge.url}, admin ${line.admin.url}; stop it with Ctrl-C`);
  if (!signal.aborted) await once(signal, 'abort');
  await started.close();
  return 0;
}

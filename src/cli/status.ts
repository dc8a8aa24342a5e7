import { systemClock } from '../clients/state/clock.ts';
import { ConfigError } from '../core/errors.ts';
import { isDaemonAlive } from '../daemon/lease.ts';
import { readStatusFile } from '../daemon/status-file.ts';
import { formatStatus } from '../report/status-text.ts';
import { readSettings } from './settings.ts';
import { print } from './terminal.ts';

/** What the daemon last wrote about itself. 0 whatever it says, 1 when there is nothing to say. */
export async function status(options: { readonly output: 'text' | 'json' }): Promise<number> {
  const { stateDir } = readSettings(process.env);
  const read = await readStatusFile(stateDir);
  if (read === undefined) {
    throw new ConfigError('No daemon has run with this state directory', {
      hint: `Start \`gates run\`, or set GATES_STATE_DIR (now ${stateDir})`,
    });
  }
  if (options.output === 'json') print(`${JSON.stringify(read, undefined, 2)}\n`);
  else print(formatStatus(read, { now: systemClock.now(), ...(await aliveness(stateDir)) }));
  return 0;
}

/** Whether the daemon that wrote the status still lives; nothing where that cannot be told. */
async function aliveness(stateDir: string): Promise<{ readonly alive?: boolean }> {
  const alive = await isDaemonAlive(stateDir);
  return alive === undefined ? {} : { alive };
}

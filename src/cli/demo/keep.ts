import { setTimeout as sleep } from 'node:timers/promises';
import { announcePush } from './forge.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

/** How often the bare repository is looked at for a push, in milliseconds. */
const INTERVAL = 300;

/** Leaves everything running until the signal: plays the forge for whoever pushes, and says what can be done. */
export async function keepRunning(
  stage: Stage,
  narrator: Narrator,
  program: string,
  signal: AbortSignal,
): Promise<void> {
  const { repository, daemon, line, directory, daemonLog } = stage;
  await narrator.title('Yours now');
  await narrator.say('Everything is still running. Change the file; a push is announced by itself:');
  narrator.quote([
    '',
    `cd ${repository.clone}`,
    'vi gates.yaml',
    "git commit -qam 'Try something' && git push",
    '',
    `curl -si -H 'Host: docs.example.dev' ${line.edge.url}/`,
    `curl -s ${daemon.statusUrl}/api/status`,
    `curl -s ${line.admin.url}/exposures`,
    `kill -HUP ${daemon.pid}     # look now for what was changed by hand`,
    `tail -f ${daemonLog}`,
    '',
    `. ${directory}/env          # then, in the clone:`,
    `node ${program} plan`,
    `node ${program} status`,
  ]);
  await narrator.say('Ctrl-C stops it and removes the folder.');
  await announcePushes(stage, signal);
}

async function announcePushes({ repository, daemon, webhookSecret }: Stage, signal: AbortSignal) {
  let before = await repository.head();
  while (!signal.aborted) {
    const after = await repository.head();
    if (after !== before) {
      await announcePush(daemon.hooksUrl, webhookSecret, { before, after });
      before = after;
    }
    await sleep(INTERVAL, undefined, { signal }).catch(() => undefined);
  }
}

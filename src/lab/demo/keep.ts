import { setTimeout as sleep } from 'node:timers/promises';
import { shortRevision } from '../../report/screen/revision-words.ts';
import type { Status } from '../../report/status/status.ts';
import { changesOf } from './acts.ts';
import { announcePush } from './forge.ts';
import type { Narrator } from './narrator.ts';
import type { DemoStage } from './stage.ts';

/** Milliseconds between two checks of the bare repository for a push. */
const INTERVAL = 300;

/** Keeps everything running until the signal: says what a person can do, and plays the forge for their pushes. */
export async function keepRunning(
  stage: DemoStage,
  narrator: Narrator,
  program: string,
  signal: AbortSignal,
): Promise<void> {
  const { repository, daemon, line, directory, daemonLog } = stage;
  await narrator.title('Yours now');
  await narrator.say('Everything is still running. Change the file; a push is announced by itself:');
  narrator.copyable([
    `cd ${repository.clone}`,
    'vi gates.yaml',
    "git commit -qam 'Try something' && git push -q",
    '',
    `curl -si -H 'Host: docs.example.dev' ${line.edge.url}/`,
    `curl -s ${daemon.statusUrl}/api/status`,
    `curl -s ${line.admin.url}/exposures     # judged by the file of the story`,
    `kill -HUP ${daemon.pid}     # look now for what was changed by hand`,
    `tail -f ${daemonLog}`,
    '',
    `. ${directory}/env     # then, in the clone:`,
    `node ${program} plan`,
    `node ${program} status`,
  ]);
  await narrator.say('Ctrl-C stops it and removes the folder.');
  await followPushes(stage, narrator, signal).catch((error: unknown) => {
    // Ctrl-C ends this, whatever it was waiting for.
    if (!signal.aborted) throw error;
  });
}

async function followPushes(stage: DemoStage, narrator: Narrator, signal: AbortSignal): Promise<void> {
  const { repository, daemon, webhookSecret } = stage;
  let before = await repository.head();
  while (!signal.aborted) {
    const after = await repository.head();
    if (after !== before) {
      const last = (await daemon.status()).lastRun?.id;
      await announcePush(daemon.hooksUrl, webhookSecret, { before, after });
      before = after;
      const status = await daemon.ran(last, ({ revision }, { rejected }) =>
        [revision, rejected?.revision].includes(after),
      );
      await narrator.say(`gates: ${shortRevision(after)} ${verdictOn(after, status)}`);
    }
    await sleep(INTERVAL, undefined, { signal }).catch(() => undefined);
  }
}

function verdictOn(revision: string, { rejected, lastRun }: Status): string {
  if (rejected?.revision === revision) {
    const [first] = rejected.mistakes;
    return `has mistakes, so gates applies nothing of it. ${first?.place}: ${first?.message}`;
  }
  if (lastRun?.result === 'done') return `applied: ${changesOf(lastRun)}.`;
  return `${lastRun?.result}. \`gates status\` says why.`;
}

import { onHangup, stopSignal } from '../../daemon/lease/process-signals.ts';
import type { DemoTally } from '../../lab/demo/acts.ts';
import {
  claimAnotherPath,
  deleteGroup,
  moveToAuthentik,
  waitUnderCover,
} from '../../lab/demo/authentik-scenes.ts';
import { bringTokens, callAnAction, logInOnce } from '../../lab/demo/caller-scenes.ts';
import { keepRunning } from '../../lab/demo/keep.ts';
import { createNarrator, type Narrator } from '../../lab/demo/narrator.ts';
import { changeGate, deleteByHand, letInByHand, makeMistakes, openFive } from '../../lab/demo/scenes.ts';
import { type DemoStage, setStage } from '../../lab/demo/stage.ts';
import { notAsTold } from '../../lab/demo/told.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { print, tell, wantsColor } from '../surroundings/terminal.ts';

export interface DemoCommandOptions {
  readonly keep: boolean;
  readonly color: boolean;
}

const scenes = [
  openFive,
  changeGate,
  makeMistakes,
  deleteByHand,
  letInByHand,
  moveToAuthentik,
  waitUnderCover,
  claimAnotherPath,
  deleteGroup,
  logInOnce,
  callAnAction,
  bringTokens,
];

/** Milliseconds of reading time for each paragraph on a terminal. */
const PACE = 100;

/**
 * Plays the complete story on this machine: the sandbox in this process, a bare git repository, and the daemon as a
 * separate process. Exit codes: 0 = the story ended as written, 1 = it was stopped. Throws UnsafeError if it went
 * differently. In any case, it leaves nothing behind.
 */
export async function demo({ keep, color }: DemoCommandOptions): Promise<number> {
  const signal = endSignal();
  const narrator = createNarrator({
    write: print,
    color: wantsColor(process.stdout, color),
    width: widthOf(process.stdout),
    pace: process.stdout.isTTY === true ? PACE : 0,
    signal,
  });
  try {
    await play(narrator, keep, signal);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    tell('Stopped. Nothing is left of it.');
    return 1;
  }
}

async function play(narrator: Narrator, keep: boolean, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  await narrator.title('gates: one file says which single gate guards each host');
  await narrator.say(
    'Nothing here leaves this machine: a sandbox plays Cloudflare, its edge, a tunnel and Authentik; the daemon and the git repository are real. The edge takes every write at once here; for the real one gates waits up to half a minute.',
  );
  const stage = await setStage(signal);
  try {
    const tally: DemoTally = { pushes: 0, refused: 0, byHand: [] };
    for (const scene of scenes) {
      await scene(stage, narrator, tally);
    }
    await summarise(stage, narrator, tally, performance.now() - start);
    if (keep) await keepRunning(stage, narrator, process.argv[1] ?? 'gates', signal);
  } finally {
    await stage.close();
  }
}

/** Aborted by Ctrl-C, a closed terminal, or a closed output: the daemon must not outlive any of them. */
function endSignal(): AbortSignal {
  const disconnected = new AbortController();
  onHangup(() => disconnected.abort(new Error('the terminal is gone')));
  process.stdout.on('error', (error) => disconnected.abort(error));
  return AbortSignal.any([stopSignal(), disconnected.signal]);
}

/** Prints what the story counted, and throws if gates ever exposed a host. */
async function summarise(
  stage: DemoStage,
  narrator: Narrator,
  tally: DemoTally,
  took: number,
): Promise<void> {
  await narrator.title('In short');
  const writes = await stage.dashboard.writes(0);
  const others = (await stage.dashboard.exposures()).filter(
    ({ n, host }) =>
      !tally.byHand.some((opening) => opening.host === host && n >= opening.from && n <= opening.to),
  );
  const [first] = others;
  if (first !== undefined) {
    throw notAsTold(`after call ${first.n} ${first.principal} got through ${first.host}${first.path}`);
  }
  await narrator.table(
    [],
    [
      ['services', '8, behind one gate each'],
      ['pushes', `${tally.pushes}, ${tally.refused} of them refused for its mistakes`],
      ['writes to both systems', `${writes.length}, every door tried after each`],
      ['exposures by gates', `${others.length}`],
      ['exposures by hand', `${tally.byHand.length}, found and ended`],
      ['time', `${(took / 1000).toFixed(1)} s`],
    ],
  );
}

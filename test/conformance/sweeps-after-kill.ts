import { Laboratory, livedInSandbox, stateOf } from './laboratory.ts';

/** Kills a run before and after every `stride`th call arrives, sweeps, and reports what differs from before. */
export async function sweepsAfterKill(
  set: 'quick' | 'full',
  stride: number,
): Promise<{ readonly killed: number; readonly left: readonly string[] }> {
  const sandbox = await livedInSandbox();
  const [snapshot, before] = [sandbox.snapshot(), JSON.stringify(stateOf(sandbox))];
  const whole = new Laboratory(sandbox);
  await whole.run(set);
  const remaining: string[] = [];
  let killed = 0;
  for (let at = 1; at <= whole.calls; at += stride) {
    for (const arrives of stride === 1 ? [true, false] : [killed % 2 === 0]) {
      sandbox.restore(snapshot);
      const run = new Laboratory(sandbox, { kill: { at, arrives } });
      const ended = await run.run(set).then(
        () => true,
        () => false,
      );
      // The last calls measure delays, and a run may need one fewer. The very last call releases the turn, which also
      // expires by itself: a run without it has done everything else.
      if (ended && run.calls >= at && at < whole.calls) remaining.push(`call ${at}: the run went on`);
      await new Laboratory(sandbox).sweep();
      if (JSON.stringify(stateOf(sandbox)) !== before) remaining.push(`call ${at}, arrives: ${arrives}`);
      killed += 1;
    }
  }
  return { killed, left: remaining };
}

import { expect } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { accessHost, authentikHost, type HandMade, handMadeHome } from '../homes/hand-made-home.ts';
import { newDisk } from '../stage/disk.ts';
import { type Pass, runCommand, unfinished } from '../stage/stage.ts';
import type { Misfortune } from '../stage/trouble.ts';

/** The changes of a plan, as `update cloudflare/dns-record:CNAME a.example.dev: comment`. */
export function pendingIn({ report }: Pass): readonly string[] {
  return (report?.plan?.changes ?? [])
    .filter(isPending)
    .map(({ id, drift, reason }) =>
      [id, ...drift.map(({ field }) => field), reason].filter(Boolean).join(' · '),
    );
}

/** Adopts the service: afterwards nothing is left to plan, and nobody has got in who may not. */
export async function adopted(home: HandMade, service: string | undefined): Promise<void> {
  const run = await runCommand('adopt', home, service);
  expect(unfinished(run.report)).toEqual([]);
  expect(pendingIn(await runCommand('plan', home, service))).toEqual([]);
  expect(home.sandbox.exposures()).toEqual([]);
}

/** Adopts the service with each of these misfortunes at each of the writes; the next adopt finishes it. */
export async function finishedAfter(service: string, kinds: readonly Misfortune['kind'][]): Promise<void> {
  const made = await handMadeHome();
  const start = made.sandbox.snapshot();
  const { writes } = await runCommand('adopt', made, service);
  for (const kind of kinds)
    for (let write = 1; write <= writes; write += 1) {
      made.sandbox.restore(start);
      const home = { ...made, disk: newDisk() };
      await runCommand('adopt', home, service, { kind, write });
      await adopted(home, service);
      expect(await home.visit(accessHost), `${kind} at ${write}`).toBe('302 access');
      expect(await home.visit(authentikHost), `${kind} at ${write}`).toBe('302 authentik');
    }
}

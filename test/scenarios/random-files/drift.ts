import fc from 'fast-check';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { askAdmin } from '../stage/hand.ts';
import { authentikDeeds } from './hand/authentik-deeds.ts';
import type { Calls, Place } from './hand/calls.ts';
import { cloudflareDeeds } from './hand/cloudflare-deeds.ts';
import { copies } from './hand/copies.ts';
import { losses } from './hand/losses.ts';
import { stateOf } from './neighbours.ts';

const deeds = { ...cloudflareDeeds, ...authentikDeeds, ...copies };
const all = { ...deeds, ...losses };

/**
 * The changes that the next run repairs. A parent that a person gives a group stays (decision 50), and the oracle of the random files judges
 * by the file alone.
 */
const { 'put a group into another': _, ...repaired } = deeds;

/** A change by hand of one of our objects; `pick` chooses the object. */
export interface Deed {
  readonly what: keyof typeof all;
  readonly pick: number;
}

/** A change that the next run repairs. */
export const deed = deedOf(repaired);

/** Any change, for a world that is imported. */
export const anyDeed = deedOf(deeds);

function deedOf(table: Partial<typeof all>): fc.Arbitrary<Deed> {
  return fc.record({
    what: fc.constantFrom(...(Object.keys(table) as Deed['what'][])),
    pick: fc.nat(1000),
  });
}

/** All changes that the current world has an object for, one for each object. */
export function possibleDeeds(sandbox: Sandbox): readonly Deed[] {
  return possibleIn(deeds, sandbox);
}

/** The same for the ways to take our mark from an object. */
export function possibleLosses(sandbox: Sandbox): readonly Deed[] {
  return possibleIn(losses, sandbox);
}

function possibleIn(table: Partial<typeof all>, sandbox: Sandbox): readonly Deed[] {
  const place = placeOf(sandbox);
  return (Object.keys(table) as Deed['what'][]).flatMap((what) =>
    (all[what] as Calls)(place).map((_, pick) => ({ what, pick })),
  );
}

function placeOf(sandbox: Sandbox): Place {
  return {
    state: stateOf(sandbox),
    account: `/accounts/${sandbox.accountId}`,
    zone: `/zones/${sandbox.zones[0]?.id}`,
  };
}

/** Makes the change, if an object fits. A change that an API rejects has not been made. */
export async function perform(sandbox: Sandbox, { what, pick }: Deed): Promise<string> {
  const calls = (all[what] as Calls)(placeOf(sandbox));
  const call = calls[pick % calls.length];
  if (call === undefined) return `${what}: nothing there`;
  try {
    await askAdmin(sandbox, 'POST', '/edit', { actor: 'somebody', ...call });
  } catch (error) {
    return `${what}: refused, ${error instanceof Error ? error.message.slice(0, 200) : ''}`;
  }
  return `${what}: ${call.method} ${call.path}`;
}

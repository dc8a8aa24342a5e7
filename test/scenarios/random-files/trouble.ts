import fc from 'fast-check';
import { misfortunes } from '../moves/moves.ts';
import type { Misfortune } from '../stage/trouble.ts';

/** The troubles of one run: failing calls of either system, and at most one misfortune of the process. */
export interface Disturbance {
  readonly misfortune?: Misfortune;
  /** A fault in the form of the sandbox's `/faults`. */
  readonly faults: readonly object[];
}

const misfortune: fc.Arbitrary<Misfortune> = fc.record({
  write: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 })),
  kind: fc.constantFrom(...misfortunes),
});

const systems = fc.constantFrom('cloudflare', 'authentik');
const status = fc
  .constantFrom(400, 403, 409, 429, 500, 503)
  .map((code) => ({ fault: 'status', status: code }));

/** Rejected or unanswered reads, from some read on. */
const reads = fc
  .record({
    system: systems,
    trouble: fc.oneof(status, fc.constant({ fault: 'drop' })),
    skip: fc.nat(25),
    times: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ system, trouble, ...rest }) => ({ match: { system, method: 'GET' }, ...trouble, ...rest }));

/** Writes that are rejected, not sent, or done without a reply. */
const writes = fc
  .record({
    system: systems,
    method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
    trouble: fc.oneof(status, fc.constantFrom({ fault: 'drop' }, { fault: 'lose-reply' })),
    skip: fc.nat(12),
    times: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ system, method, trouble, ...rest }) => ({ match: { system, method }, ...trouble, ...rest }));

/** Random calls that fail. */
const chance = fc
  .record({
    system: systems,
    trouble: fc.oneof(status, fc.constantFrom({ fault: 'drop' }, { fault: 'lose-reply' })),
    probability: fc.constantFrom(0.01, 0.03, 0.1, 0.3),
    seed: fc.nat(),
  })
  .map(({ system, trouble, ...rest }) => ({ match: { system }, ...trouble, ...rest }));

const fault = fc.oneof(reads, writes, chance);

export const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  { weight: 3, arbitrary: misfortune.map((item) => ({ misfortune: item, faults: [] })) },
  { weight: 2, arbitrary: fault.map((item) => ({ faults: [item] })) },
  {
    weight: 3,
    arbitrary: fc.record({ misfortune, faults: fc.array(fault, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: fc.array(fault, { minLength: 2, maxLength: 4 }).map((faults) => ({ faults })) },
);

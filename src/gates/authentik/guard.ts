import type { Config } from '../../config/model/config.ts';
import { zoneOf } from '../../config/model/host.ts';
import { type GuardTerms, peopleOf } from '../shared/guard-terms.ts';
import type { AuthentikGate } from './normal-form.ts';

/** The people whom the gate admits, in the words of a rehearsal. */
export function authentikGuard(gate: AuthentikGate, host: string, { authentik }: Config): GuardTerms {
  // The application itself asks: a rehearsal checks who gets a code for its client.
  if (gate.enforcedBy === 'application') return { public: true };
  if (gate.mode !== 'domain') return peopleOf([gate]);
  return peopleOf([authentik?.domains.get(zoneOf(host, authentik.domains) ?? '')]);
}

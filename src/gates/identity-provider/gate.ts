import type * as file from '../../../schema/generated/config.ts';
import type { Finding } from '../../config/mistakes/finding.ts';
import type { PartOf } from '../../config/model/partial-file.ts';
import { phrase } from '../shared/admitted-words.ts';
import type { BuiltGate } from '../shared/built-gate.ts';
import type { GateRow } from '../shared/gate-row.ts';
import { openAccess } from '../shared/open-access.ts';
import { plainTerms } from '../shared/terms.ts';

/**
 * `identityProvider`: everybody reaches the login page, and only through the tunnel. Never an Access application
 * that asks: people would have to log in before they may log in.
 */
const builtIdentityProvider: BuiltGate = {
  refuse: ({ path }) => (path === undefined ? undefined : 'it is the gate of a whole host, not of a path'),
  access: openAccess,
};

export const identityProviderGate: GateRow<NonNullable<file.Gate['identityProvider']>> = {
  example: 'identityProvider: {}',
  disagreements: wrongFace,
  normalize: () => ({
    ...plainTerms,
    type: 'identityProvider',
    name: 'identityProvider',
    enforcedBy: 'nobody',
    visitors: 'everybody',
    showsLogin: true,
  }),
  built: () => builtIdentityProvider,
  words: () => ({
    gate: { name: 'None', how: 'login page' },
    isOpen: true,
    admits: [phrase('everyone', 'everyone')],
    reason: undefined,
  }),
  guard: () => ({ public: true }),
};

/** The public face of Authentik is the host that no other gate guards. */
function wrongFace(partial: PartOf<file.GatesFile>): readonly Finding[] {
  const name = partial.authentik?.service;
  const gate = name === undefined ? undefined : partial.services?.[name]?.gate;
  if (name === undefined || gate === undefined || gate.identityProvider !== undefined) return [];
  return [
    {
      severity: 'error',
      rule: 'conflicting-keys',
      path: ['authentik', 'service'],
      message: `the gate of ${name} is not \`identityProvider\``,
      hint: 'name the service that shows the login page of Authentik',
      restsOn: [['services', name, 'gate']],
    },
  ];
}

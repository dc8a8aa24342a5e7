import type * as file from '../../../schema/generated/config.ts';
import { accessCheck } from '../shared/access-check.ts';
import type { BuiltGate } from '../shared/built-gate.ts';
import type { GateRow } from '../shared/gate-row.ts';
import { listHint } from '../shared/settings-hint.ts';
import { plainTerms } from '../shared/terms.ts';
import { tokenAccess } from '../shared/token-access.ts';

/** `serviceToken`: Access admits exactly these tokens, and no person. */
const builtServiceToken: BuiltGate = {
  refuse: () => undefined,
  access: ({ gate }) => tokenAccess(gate.tokens),
  proof: accessCheck,
};

export const serviceTokenGate: GateRow<NonNullable<file.Gate['serviceToken']>> = {
  example: 'serviceToken: { tokens: [ci] }',
  settingsHint: (value) => listHint(value, (tokens) => `serviceToken: { tokens: ${tokens} }`),
  references: [{ section: 'serviceTokens', keys: ['tokens'] }],
  normalize: ({ tokens }) => ({
    ...plainTerms,
    type: 'serviceToken',
    name: 'serviceToken',
    enforcedBy: 'access',
    visitors: 'machines',
    tokens,
  }),
  built: () => builtServiceToken,
  words: ({ tokens }) => ({
    gate: { name: 'Cloudflare Access', how: 'service token' },
    isOpen: false,
    admits: [{ sort: 'token', names: tokens }],
    reason: undefined,
  }),
  guard: ({ tokens }) => ({ tokens: [...tokens] }),
};

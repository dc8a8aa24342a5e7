import type * as file from '../../../schema/generated/config.ts';
import { plain } from '../../config/mistakes/plain-text.ts';
import type { Gate } from '../../config/model/gate.ts';
import { phrase } from '../shared/admitted-words.ts';
import type { BuiltGate } from '../shared/built-gate.ts';
import type { GateRow } from '../shared/gate-row.ts';
import { openAccess } from '../shared/open-access.ts';
import { isText } from '../shared/settings-hint.ts';
import { plainTerms } from '../shared/terms.ts';

interface PublicGate extends Gate {
  readonly reason: string;
}

/** `public`: everybody gets through. */
const builtPublic: BuiltGate = { refuse: () => undefined, access: openAccess };

export const publicGate: GateRow<NonNullable<file.Gate['public']>, PublicGate> = {
  example: 'public: { reason: … }',
  settingsHint: (value) =>
    isText(value)
      ? `write \`public: { reason: ${plain(value)} }\``
      : 'write `public: { reason: … }`: say why everybody may come in',
  schemaRule: ({ length }) => (length <= 1 ? 'G107' : undefined),
  normalize: ({ reason }) => ({
    ...plainTerms,
    type: 'public',
    name: 'public',
    enforcedBy: 'nobody',
    visitors: 'everybody',
    reason,
  }),
  built: () => builtPublic,
  words: ({ reason }) => ({
    gate: { name: 'None', how: 'public' },
    isOpen: true,
    admits: [phrase('everyone', 'everyone')],
    reason,
  }),
  guard: () => ({ public: true }),
};

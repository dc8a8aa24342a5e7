import type { CloudflareGate } from '../../config/config.ts';
import { goDuration } from '../duration.ts';
import { accessProof } from './access-proof.ts';
import type { BuiltGate } from './gate.ts';

/** `cloudflare`: Access asks who somebody is, and admits the people that the file names. */
export const cloudflareGate: BuiltGate<CloudflareGate> = {
  refuse: (_door, { cloudflare }) =>
    cloudflare.access.identityProvider === undefined
      ? undefined
      : '`cloudflare.access.identityProvider` decides who gets in and is not built in this version: take it out',
  access: ({ gate }) => {
    const people = gate.emails.map((email) => ({ email: { email: email.toLowerCase() } }));
    return {
      decision: 'allow',
      include: gate.everyone === undefined ? people : [{ everyone: {} }],
      sessionDuration: goDuration(gate.session),
    };
  },
  proof: accessProof,
};

import type { BuiltGate } from '../shared/built-gate.ts';
import type { GateRow } from '../shared/gate-row.ts';
import { listHint } from '../shared/settings-hint.ts';
import { authentikAdmissionHint, authentikWords } from './admission.ts';
import { builtApplicationLogin } from './application-login.ts';
import { applicationSlug, authentikDisagreements } from './disagreements.ts';
import { builtDomain, domainObjects } from './domain.ts';
import { authentikGuard } from './guard.ts';
import {
  type AuthentikGate,
  type AuthentikMode,
  type AuthentikSettings,
  normalizeAuthentik,
} from './normal-form.ts';
import { outpostDisagreements } from './outpost-disagreements.ts';
import { builtForwardAuth, builtProxy } from './single-host.ts';

const modes: Readonly<Record<AuthentikMode, BuiltGate<AuthentikGate>>> = {
  forwardAuth: builtForwardAuth,
  domain: builtDomain,
  proxy: builtProxy,
  oidc: builtApplicationLogin,
  saml: builtApplicationLogin,
  ldap: builtApplicationLogin,
};

export const authentikGate: GateRow<AuthentikSettings, AuthentikGate> = {
  example: 'authentik: { groups: [admins] }',
  settingsHint: (value) => listHint(value, (groups) => `authentik: { groups: ${groups} }`),
  references: [
    { section: 'groups', keys: ['groups'] },
    { section: 'clients', keys: ['client'] },
  ],
  needsAuthentik: true,
  disagreements: (partial) => [...authentikDisagreements(partial), ...outpostDisagreements(partial)],
  applicationSlug,
  normalize: normalizeAuthentik,
  built: ({ mode }) => modes[mode],
  words: authentikWords,
  guard: authentikGuard,
  admissionHint: authentikAdmissionHint,
  sharedObjects: domainObjects,
};

import type { BuiltGate } from '../shared/built-gate.ts';
import type { GateRow } from '../shared/gate-row.ts';
import { authentikAdmissionHint, authentikWords } from './admission.ts';
import { builtDomain, domainObjects } from './domain.ts';
import { authentikGuard } from './guard.ts';
import {
  type AuthentikGate,
  type AuthentikMode,
  type AuthentikSettings,
  normaliseAuthentik,
} from './normal-form.ts';
import { builtOidc } from './oidc.ts';
import { builtForwardAuth, builtProxy } from './single-host.ts';

const modes: Readonly<Record<AuthentikMode, BuiltGate>> = {
  forwardAuth: builtForwardAuth,
  domain: builtDomain,
  proxy: builtProxy,
  oidc: builtOidc,
};

export const authentikGate: GateRow<AuthentikSettings, AuthentikGate> = {
  normalise: normaliseAuthentik,
  built: ({ mode }) => modes[mode],
  words: authentikWords,
  guard: authentikGuard,
  admissionHint: authentikAdmissionHint,
  sharedObjects: domainObjects,
};

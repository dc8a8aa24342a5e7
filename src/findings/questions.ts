import { faultyApplications } from './access/applications.ts';
import { idlePolicies, widePolicies } from './access/policies.ts';
import { faultyTokens } from './access/tokens.ts';
import { widenedSettings } from './access/widened-settings.ts';
import { faultyLogins } from './authentik/applications.ts';
import { faultyDirectories, unboundDirectories } from './authentik/directories.ts';
import { faultyOutposts } from './authentik/outposts.ts';
import { idleProviders, looseSkipPaths } from './authentik/providers.ts';
import { looseRedirects } from './authentik/redirects.ts';
import { cachedDoors } from './doors/cached-doors.ts';
import { doubleLogins } from './doors/double-logins.ts';
import { unguardedDoors } from './doors/open-doors.ts';
import { waysAroundTunnel } from './doors/ways-around-tunnel.ts';
import type { FindingQuestion } from './terms/finding-ground.ts';
import { recordsToNowhere } from './tunnels/records.ts';
import { missingAudiences, uncheckedTokens, unreachedRules } from './tunnels/rules.ts';

/** Every question, one on each line. */
export const findingQuestions: readonly FindingQuestion[] = [
  unguardedDoors,
  waysAroundTunnel,
  doubleLogins,
  cachedDoors,
  widePolicies,
  idlePolicies,
  faultyApplications,
  faultyTokens,
  widenedSettings,
  recordsToNowhere,
  unreachedRules,
  uncheckedTokens,
  missingAudiences,
  idleProviders,
  looseSkipPaths,
  looseRedirects,
  faultyLogins,
  faultyOutposts,
  faultyDirectories,
  unboundDirectories,
];

import type {
  AuthentikState,
  BrandRow,
  FlowRow,
  OutpostRow,
  TokenRow,
  UserRow,
} from '../state/authentik-state.ts';
import { type AuthentikChoice, type AuthentikVersion, buildOf } from '../state/authentik-version.ts';
import { type Mint, newHex, newUuid } from '../state/ids.ts';
import { newSecret } from './api/secret.ts';
import { EMBEDDED, standardConfig } from './outpost/outposts.ts';
import { STANDARD_SETTINGS } from './people/brands.ts';
import { generatedPair } from './providers/key-pairs.ts';
import { stockFlows, stockSamlMappings, stockScopeMappings } from './stock-objects.ts';

const ADMINS = 'authentik Admins';

/**
 * Authentik after its first start: an administrator with an API token that does not expire, the stock objects, the
 * embedded outpost without `authentik_host`, and one person in no group.
 */
export function firstAuthentik(mint: Mint, given: { choice: AuthentikChoice; zone: string }): AuthentikState {
  const { choice, zone } = given;
  const build = buildOf(choice);
  const at = new Date().toISOString();
  const admins = newUuid(mint);
  const state: AuthentikState = {
    ...build,
    ...nothingMade(),
    groups: [{ pk: admins, name: ADMINS, is_superuser: true, parents: [], roles: [], attributes: {} }],
    scopeMappings: stockScopeMappings(mint, build.version),
    samlMappings: stockSamlMappings(mint),
    flows: stockFlows(mint),
  };
  const outpost = newUuid(mint);
  state.users = firstUsers(mint, { outpost, admins, zone, at });
  state.tokens = [daemonToken(mint)];
  state.outposts = [embeddedOutpost(outpost, build.version)];
  state.keyPairs = [
    generatedPair(state, {
      pk: newUuid(mint),
      name: 'authentik Self-signed Certificate',
      serial: newHex(mint, 32),
      now: Date.parse(at),
      days: 365,
      algorithm: 'rsa',
      alternativeNames: [],
    }),
  ];
  state.brands = [firstBrand(mint, state.flows)];
  return state;
}

/** The state of a server on which nothing was made and nobody has logged in. */
function nothingMade(): Omit<AuthentikState, keyof ReturnType<typeof buildOf>> {
  return {
    lastPk: { user: 4, provider: 0 },
    keysMade: 0,
    users: [],
    groups: [],
    roles: [],
    tokens: [],
    applications: [],
    providers: [],
    scopeMappings: [],
    samlMappings: [],
    bindings: [],
    expressionPolicies: [],
    outposts: [],
    flows: [],
    keyPairs: [],
    brands: [],
    flags: {
      core_default_app_access: true,
      enterprise_audit_include_expanded_diff: false,
      flows_continuous_login: false,
      flows_refresh_others: false,
    },
    events: [],
    applicationPages: {},
    sessions: [],
    codes: [],
    grants: [],
    outpostSessions: [],
    outpostLoads: {},
  };
}

/** The account of the outpost, the administrator, and one person in no group. */
function firstUsers(
  mint: Mint,
  { outpost, admins, zone, at }: { outpost: string; admins: string; zone: string; at: string },
): UserRow[] {
  const person = (row: Pick<UserRow, 'pk' | 'username' | 'name'> & Partial<UserRow>): UserRow => ({
    uuid: newUuid(mint),
    email: '',
    is_active: true,
    path: 'users',
    type: 'internal',
    groups: [],
    roles: [],
    attributes: {},
    last_login: null,
    date_joined: at,
    last_updated: at,
    ...row,
  });
  // 1 is the anonymous user of Authentik's permission system, which no list contains.
  return [
    person({
      pk: 2,
      username: `ak-outpost-${outpost.replaceAll('-', '')}`,
      name: 'Outpost authentik Embedded Outpost Service-Account',
      path: 'goauthentik.io/outposts',
      type: 'internal_service_account',
    }),
    person({
      pk: 3,
      username: 'akadmin',
      name: 'authentik Default Admin',
      email: `admin@${zone}`,
      groups: [admins],
    }),
    person({ pk: 4, username: 'jo', name: 'Jo', email: `jo@${zone}` }),
  ];
}

/** The API token of the administrator. */
function daemonToken(mint: Mint): TokenRow {
  return {
    pk: newUuid(mint),
    identifier: 'daemon',
    intent: 'api',
    user: 3,
    description: '',
    expires: null,
    expiring: false,
    managed: null,
    key: newSecret(mint, 60),
  };
}

function embeddedOutpost(pk: string, version: AuthentikVersion): OutpostRow {
  return {
    pk,
    name: 'authentik Embedded Outpost',
    type: 'proxy',
    providers: [],
    service_connection: null,
    config: standardConfig(version, ''),
    managed: EMBEDDED,
  };
}

function firstBrand(mint: Mint, flows: readonly FlowRow[]): BrandRow {
  const flow = (slug: string) => flows.find((row) => row.slug === slug)?.pk ?? null;
  return {
    brand_uuid: newUuid(mint),
    domain: 'authentik-default',
    default: true,
    settings: {
      ...STANDARD_SETTINGS,
      flow_authentication: flow('default-authentication-flow'),
      flow_invalidation: flow('default-invalidation-flow'),
      flow_user_settings: flow('default-user-settings-flow'),
    },
    default_application: null,
    web_certificate: null,
    attributes: {},
  };
}

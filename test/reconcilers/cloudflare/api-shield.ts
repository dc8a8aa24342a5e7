import { account } from '../../../reconcilers/cloudflare/account/account.ts';
import { zone } from '../../../reconcilers/cloudflare/account/zone.ts';
import { apiOperation } from '../../../reconcilers/cloudflare/api-shield/api-operation.ts';
import { apiShield } from '../../../reconcilers/cloudflare/api-shield/api-shield.ts';
import { tokenConfiguration } from '../../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import { tokenRule } from '../../../reconcilers/cloudflare/api-shield/token-rule.ts';
import { wafRule } from '../../../reconcilers/cloudflare/waf/waf-rule.ts';
import { keySet } from '../../../reconcilers/shared/key-set.ts';
import type { SigningKey } from '../../../reconcilers/shared/signing-key.ts';
import type { DesiredObject } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import { zoneLookup } from './first-zone.ts';

export const host = 'api.example.dev';

export const shieldReconcilers = [
  account,
  zone,
  apiShield,
  keySet,
  tokenConfiguration,
  tokenRule,
  wafRule,
  apiOperation,
];

/** The world that API Shield needs. */
export const shieldWorld = {
  plan: 'enterprise',
  scope: { apiHosts: [host], wafZones: ['example.dev'] },
} as const;

/** Public keys from RFC 7515 and RFC 7517. */
export const rsaKey: SigningKey = {
  kid: '2011-04-29',
  kty: 'RSA',
  alg: 'RS256',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
};
export const curveKey: SigningKey = {
  kid: '1',
  kty: 'EC',
  alg: 'ES256',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

const zoneId = ref('cloudflare/zone:example.dev');
const place = { zone: 'example.dev', zoneId };

/** The lookups that the file depends on. */
export const lookups: readonly DesiredObject[] = [
  zoneLookup,
  {
    address: { kind: 'cloudflare/api-shield', key: 'example.dev' },
    spec: { entitled: true },
    mustExist: 'buy it',
    because: 'cloudflare.zones',
  },
];

export function configuration(changes: object = {}, key = host): DesiredObject {
  return {
    address: { kind: 'cloudflare/token-configuration', key },
    spec: {
      ...place,
      title: `gates ${key}`,
      sources: ['http.request.headers["authorization"][0]'],
      keySet: 'api',
      keys: [rsaKey],
      leaving: {},
      ...changes,
    },
    needs: ['cloudflare/api-shield:example.dev'],
    because: 'services.api',
  };
}

export function rule(changes: object = {}): DesiredObject {
  return {
    address: { kind: 'cloudflare/token-rule', key: host },
    spec: {
      ...{ ...place, title: `gates ${host}`, action: 'block', enabled: true, hosts: [host] },
      ...{ configuration: ref(`cloudflare/token-configuration:${host}`), excluded: [], shadowed: false },
      ...changes,
    },
    because: 'services.api',
  };
}

export function operation(method: string, endpoint: string): DesiredObject {
  return {
    address: { kind: 'cloudflare/api-operation', key: `${method} ${host} ${endpoint}` },
    spec: { ...place, method, host, endpoint },
    needs: [`cloudflare/token-rule:${host}`],
    because: 'services.api',
  };
}

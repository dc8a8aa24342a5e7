import { expect, it } from 'vitest';
import { readAuditLog } from '../../src/attribution/cloudflare-log.ts';
import { logIds } from '../../src/attribution/log-ids.ts';
import type { Kind } from '../../src/core/objects/address.ts';
import type { ChangeLogs } from '../../src/core/record/change-log.ts';

const uuid = '7be14ef2-65eb-47fb-bf0c-db24e11ed7bd';
const plain = uuid.replaceAll('-', '');
const [record, rule, ruleset] = ['a', 'b', 'c'].map((letter) => letter.repeat(32)) as [
  string,
  string,
  string,
];

it.each<readonly [Kind, Parameters<typeof logIds>[0], readonly string[], readonly string[]]>([
  ['cloudflare/dns-record', { kind: 'cloudflare/dns-record', id: record }, [record], []],
  ['cloudflare/access-policy', { kind: 'cloudflare/access-policy', id: uuid }, [plain], []],
  [
    'cloudflare/ingress-rule',
    { kind: 'cloudflare/ingress-rule', id: `${uuid} a.example.dev /x`, spec: { tunnelId: uuid } },
    [],
    [plain],
  ],
  ['cloudflare/ingress-rule', { kind: 'cloudflare/ingress-rule', spec: { tunnelId: uuid } }, [], [plain]],
  [
    'cloudflare/waf-rule',
    { kind: 'cloudflare/waf-rule', id: `${rule} a.example.dev`, document: ruleset },
    [rule],
    [ruleset],
  ],
  ['cloudflare/cached-copies', { kind: 'cloudflare/cached-copies', id: 'copies of a.example.dev' }, [], []],
  ['authentik/proxy-provider', { kind: 'authentik/proxy-provider', id: 'provider 7' }, ['provider 7'], []],
  // The reply to a create has this id.
  ['authentik/oauth2-provider', { kind: 'authentik/oauth2-provider', id: '7' }, ['provider 7'], []],
  [
    'authentik/outpost-entry',
    { kind: 'authentik/outpost-entry', id: `provider 7 in ${uuid}`, spec: { outpost: uuid } },
    [],
    [plain],
  ],
  ['authentik/provider-link', { kind: 'authentik/provider-link', id: `provider of ${uuid}` }, [], [plain]],
])('the ids of %s match those of the logs: %j', (_, named, own, documents) => {
  expect(logIds(named)).toEqual({ own, documents });
});

/** The ids that one entry of the audit log names. */
async function idsOf(entry: object): Promise<readonly string[]> {
  const logs = { page: async () => ({ items: [entry] }) } as unknown as ChangeLogs;
  const now = new Date('2026-11-27T12:00:00Z');
  const { entries } = await readAuditLog(logs, '/accounts/1', { since: now.toISOString(), now });
  return entries.flatMap(({ ids }) => [...ids]);
}

const zone = 'd'.repeat(32);
const action = { time: '2026-11-27T12:00:00Z', type: 'update', result: 'success' };

it.each([
  ['the whole ruleset', { raw: { uri: `/zones/${zone}/rulesets/${ruleset}` } }, [ruleset]],
  ['one rule of it', { raw: { uri: `/zones/${zone}/rulesets/${ruleset}/rules/${rule}` } }, [rule]],
  [
    'a phase, whose ruleset the resource names',
    {
      raw: { uri: `/client/v4/zones/${zone}/rulesets/phases/http_request_firewall_custom/entrypoint` },
      resource: { id: ruleset },
    },
    [ruleset, zone],
  ],
  [
    'a batch, which names its records in the body',
    {
      raw: { uri: `/zones/${zone}/dns_records/batch` },
      resource: { request: { deletes: [{ id: record }] } },
    },
    [zone, record],
  ],
  ['an object with a query', { raw: { uri: `/zones/${zone}/dns_records/${record}?a=${rule}` } }, [record]],
])('an entry names the objects that it concerns: %s', async (_, entry, ids) => {
  expect(await idsOf({ action, ...entry })).toEqual(ids);
});

it.each([
  ['reads', { action: { ...action, type: 'view' } }],
  ['what was refused', { action: { ...action, result: 'failure' } }],
  ['entries without a time', { action: { type: 'update' } }],
  ['empty entries', {}],
])('gates ignores %s', async (_, entry) => {
  expect(await idsOf({ raw: { uri: `/zones/${zone}/dns_records/${record}` }, ...entry })).toEqual([]);
});

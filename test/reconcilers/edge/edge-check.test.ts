import { describe, expect, it } from 'vitest';
import { probeKey } from '../../../reconcilers/cloudflare/access/policy/probe-key.ts';
import { account } from '../../../reconcilers/cloudflare/account/account.ts';
import { tunnel } from '../../../reconcilers/cloudflare/account/tunnel.ts';
import { zone } from '../../../reconcilers/cloudflare/account/zone.ts';
import { dnsRecord } from '../../../reconcilers/cloudflare/dns/dns-record.ts';
import { ingressRule } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { ingressRuleKey } from '../../../reconcilers/cloudflare/ingress/rule-id.ts';
import { serviceToken } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import type { GateCheckSpec } from '../../../reconcilers/edge/check-spec.ts';
import { edgeCheck } from '../../../reconcilers/edge/edge-check.ts';
import type { ReadyChange } from '../../../src/core/change.ts';
import { GatesError, RejectedError, UnreachableError, UnsafeError } from '../../../src/core/errors.ts';
import type { DesiredObject } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { EdgeAnswer, EdgeRequest } from '../../../src/core/world.ts';
import { failures, type TestWorld, testWorld } from '../../support/world.ts';
import { answers, edgeAnswer, expectation, host, type ScriptedEdge, scriptedEdge } from './scripted-edge.ts';

const reconcilers = [account, zone, tunnel, serviceToken, ingressRule, dnsRecord, edgeCheck];
const because = 'services.grafana';

function rule(hostname: string, path?: string): DesiredObject {
  const spec = {
    tunnel: 'homelab',
    tunnelId: ref('cloudflare/tunnel:homelab'),
    hostname,
    ...(path !== undefined && { path }),
    service: 'http://home.lan:80',
    originRequest: {},
  };
  const key = ingressRuleKey({ tunnel: 'homelab', hostname, path });
  return { address: { kind: 'cloudflare/ingress-rule', key }, spec, because };
}

function record(name: string): DesiredObject {
  const spec = {
    zone: 'example.dev',
    zoneId: ref('cloudflare/zone:example.dev'),
    type: 'CNAME',
    name,
    content: ref('cloudflare/tunnel:homelab', '{id}.cfargotunnel.com'),
    ttl: 1,
    proxied: true,
    comment: '',
  };
  return { address: { kind: 'cloudflare/dns-record', key: `CNAME ${name}` }, spec, because };
}

const token: DesiredObject = {
  address: { kind: 'cloudflare/service-token', key: probeKey },
  spec: { duration: 'forever', enabled: true, secret: 'kept', expendable: true, deliver: [] },
  because: 'services',
};

const other = 'other.example.dev';
const lookups: readonly DesiredObject[] = [
  {
    address: { kind: 'cloudflare/tunnel', key: 'homelab' },
    spec: { name: 'homelab' },
    mustExist: 'make it',
    because,
  },
  {
    address: { kind: 'cloudflare/zone', key: 'example.dev' },
    spec: { status: 'active' },
    mustExist: 'add it',
    because,
  },
];

/** A world with two open hosts, one of them with a separate rule for a path, and the token of the probe. */
async function stage(): Promise<TestWorld> {
  const test = await testWorld({ reconcilers });
  const rules = [rule(host, '^/api$'), rule(host), rule(other)];
  const wants = [...lookups, token, ...rules, record(host), record(other)];
  expect(failures(await test.apply(wants))).toEqual([]);
  return test;
}

interface CheckResult {
  readonly outcome: Outcome;
  readonly hint: string;
  readonly edge: ScriptedEdge;
}

const answering = (answer: EdgeAnswer | Error) => scriptedEdge(() => answer);

/** Makes a cover of ours at the host, and returns its answer to a visitor without a token. */
async function coverOf(test: TestWorld): Promise<EdgeAnswer> {
  const access = `/accounts/${test.sandbox.accountId}/access`;
  await test.edit('POST', `${access}/tags`, { name: 'gates-home' });
  const { aud } = (await test.edit('POST', `${access}/apps`, {
    type: 'self_hosted',
    name: host,
    domain: host,
    tags: ['gates-home'],
    policies: [{ name: 'nobody', decision: 'non_identity', include: [{ any_valid_service_token: {} }] }],
  })) as { readonly aud: string };
  return edgeAnswer(403, { 'cf-access-aud': aud, 'cf-access-domain': host });
}

const isTokenless = ({ headers = {} }: EdgeRequest) => headers['cf-access-client-id'] === undefined;

/** An edge with a cover of ours, and an answer of the application behind it. */
async function coveredEdge(test: TestWorld, answer: EdgeAnswer | Error): Promise<ScriptedEdge> {
  const cover = await coverOf(test);
  return scriptedEdge((request) => (isTokenless(request) ? cover : answer));
}

async function verify(
  test: TestWorld,
  edge: ScriptedEdge,
  changes: Partial<GateCheckSpec> = {},
): Promise<CheckResult> {
  const want: GateCheckSpec = {
    expect: expectation,
    looks: [{ path: '/' }],
    covered: false,
    opened: false,
    changed: false,
    ...changes,
  };
  const address = { kind: edgeCheck.kind, key: host };
  const change: ReadyChange<GateCheckSpec> = {
    id: 'verify',
    verb: 'verify',
    address,
    want,
    have: undefined,
    drift: [],
  };
  const [outcome] = (await edgeCheck.write?.([change], { ...test.pass(), edge })) ?? [];
  if (outcome === undefined) throw new Error('nothing came of it');
  return { outcome, hint: outcome.error instanceof GatesError ? (outcome.error.hint ?? '') : '', edge };
}

const noteOf = (test: TestWorld) => test.notes.text('unproved', host);

/** The target of each tunnel rule, by host and path. */
async function routes(test: TestWorld): Promise<Readonly<Record<string, string>>> {
  const rules = (await test.read(ingressRule)).filter(({ spec }) => spec.hostname !== '*');
  return Object.fromEntries(rules.map(({ spec }) => [`${spec.hostname}${spec.path ?? ''}`, spec.service]));
}

const allOpen = {
  [host]: 'http://home.lan:80',
  [`${host}^/api$`]: 'http://home.lan:80',
  [other]: 'http://home.lan:80',
};
const hostClosed = {
  [host]: 'http_status:503',
  [`${host}^/api$`]: 'http_status:503',
  [other]: 'http://home.lan:80',
};

describe('a confirmed gate', () => {
  it('is done, and the check sends only what a stranger could send', async () => {
    const test = await stage();
    const { outcome, edge } = await verify(test, answering(answers.gate));
    expect(outcome).toMatchObject({ status: 'done', change: 'verify' });
    expect(edge.requests[0]?.headers).toEqual({});
  });

  it('clears the note of the last check', async () => {
    const test = await stage();
    await test.notes.put('unproved', host, 'it was open');
    await verify(test, answering(answers.gate));
    expect(await noteOf(test)).toBeUndefined();
  });

  it('is confirmed through its cover with the token in the vault, which is never printed', async () => {
    const test = await stage();
    const { outcome, edge } = await verify(test, await coveredEdge(test, answers.gate), { covered: true });
    const [name = ''] = await test.vault.list();
    const { clientId, clientSecret = '' } = (await test.vault.get(name)) ?? {};
    expect(clientSecret).not.toBe('');
    expect(outcome.status).toBe('done');
    expect(edge.requests[1]?.headers).toEqual({
      'cf-access-client-id': clientId,
      'cf-access-client-secret': clientSecret,
    });
    expect(JSON.stringify(outcome)).not.toContain(clientSecret);
  });
});

describe('a cover', () => {
  it('gets the secret of the probe only once the edge shows the audience of this cover', async () => {
    const test = await stage();
    const cover = await coverOf(test);
    const before = edgeAnswer(403, { 'cf-access-aud': 'of the one before', 'cf-access-domain': host });
    const late = [edgeAnswer(530), edgeAnswer(403), before, before];
    const edge = scriptedEdge((request) => (isTokenless(request) ? (late.shift() ?? cover) : answers.gate));
    expect((await verify(test, edge, { covered: true })).outcome.status).toBe('done');
    expect(edge.requests.map(isTokenless)).toEqual([true, true, true, true, true, false]);
  });

  it('that never reaches the edge keeps the host closed, and the secret here', async () => {
    const test = await stage();
    await coverOf(test);
    const { outcome, hint, edge } = await verify(test, answering(edgeAnswer(403)), { covered: true });
    expect(outcome.error?.message).toContain('so the host stays closed');
    expect(hint).toContain('was refused with 403');
    expect(edge.requests.every(isTokenless)).toBe(true);
    expect(await routes(test)).toEqual(allOpen);
  });

  it('that admits a stranger for longer than a write takes to arrive has its host closed', async () => {
    const test = await stage();
    await coverOf(test);
    const { outcome, edge } = await verify(test, answering(answers.application), { covered: true });
    expect(outcome.error?.message).toContain('so the host now answers 503');
    expect(outcome.attributes?.verdict).toBe('closed');
    expect(edge.requests.every(isTokenless)).toBe(true);
    expect(await routes(test)).toEqual(hostClosed);
  });

  it('that admits a stranger in the first seconds closes nothing', async () => {
    const test = await stage();
    const cover = await coverOf(test);
    const late = Array.from({ length: 5 }, () => answers.application);
    const edge = scriptedEdge((request) => (isTokenless(request) ? (late.shift() ?? cover) : answers.gate));
    expect((await verify(test, edge, { covered: true })).outcome.status).toBe('done');
    expect(await routes(test)).toEqual(allOpen);
  });
});

describe('an unconfirmed gate', () => {
  it('is noted, with the finding, until it is confirmed', async () => {
    const test = await stage();
    await verify(test, await coveredEdge(test, answers.challenge), { covered: true });
    expect(await noteOf(test)).toContain('met the bot challenge');
    expect(await test.read(edgeCheck)).toMatchObject([
      {
        address: { kind: 'edge/proof', key: host },
        spec: { finding: expect.stringContaining('bot challenge') },
      },
    ]);
  });

  it('waits under its cover: nothing is written, whoever answered', async () => {
    const test = await stage();
    const edge = await coveredEdge(test, answers.application);
    const before = test.lastCall();
    const { outcome, hint } = await verify(test, edge, {
      covered: true,
      opened: true,
    });
    expect(outcome).toMatchObject({ status: 'failed', error: expect.any(UnsafeError) });
    expect(outcome.error?.message).toContain('so the host stays closed');
    expect(hint).toContain('got through to the application');
    expect(test.writes(before)).toEqual([]);
  });

  it('is closed again when this run opened the host, whatever the finding', async () => {
    const test = await stage();
    const { outcome, hint } = await verify(test, answering(answers.noConnector), { opened: true });
    expect(outcome.error?.message).toContain('so the host now answers 503');
    expect(hint).toContain("Cloudflare's error 530");
    expect(await routes(test)).toEqual(hostClosed);
  });

  it('is closed when it admits people, even on a host that was open before', async () => {
    const test = await stage();
    const { outcome } = await verify(test, answering(answers.application));
    expect(outcome).toMatchObject({ status: 'failed', error: expect.any(UnsafeError) });
    expect(await routes(test)).toEqual(hostClosed);
  });

  it('is left alone when the host was open before and is unreachable', async () => {
    const test = await stage();
    const { outcome } = await verify(test, answering(new UnreachableError('The edge does not answer')));
    expect(outcome.error?.message).toBe('Could not check the gate');
    expect(await routes(test)).toEqual(allOpen);
  });

  it('is left alone when the host was open before and the origin fails', async () => {
    const test = await stage();
    await verify(test, answering({ ...answers.application, status: 500 }));
    expect(await routes(test)).toEqual(allOpen);
  });

  it('that cannot be closed is reported', async () => {
    const test = await stage();
    await test.fault({ fault: 'status', status: 403, match: { method: 'PUT', path: '/**' } });
    const { outcome } = await verify(test, answering(answers.application));
    expect(outcome).toMatchObject({ status: 'failed', error: expect.any(RejectedError) });
  });
});

describe('the token of the probe', () => {
  it('that is not in the vault is reported before any request', async () => {
    const test = await stage();
    for (const name of await test.vault.list()) await test.vault.remove(name);
    const { outcome, edge } = await verify(test, answering(answers.gate), { covered: true });
    expect(outcome.error?.message).toBe('The token of the probe is not in the vault');
    expect(edge.requests).toEqual([]);
  });

  it('is needed only under cover', async () => {
    const test = await stage();
    for (const name of await test.vault.list()) await test.vault.remove(name);
    expect((await verify(test, answering(answers.gate))).outcome.status).toBe('done');
  });
});

it('checks of several hosts run in parallel, and an open host closes no other', async () => {
  const test = await stage();
  const changes = [host, other].map((key): ReadyChange<GateCheckSpec> => {
    const want: GateCheckSpec = {
      expect: { ...expectation, callback: key },
      looks: [{ path: '/' }],
      covered: false,
      opened: false,
      changed: false,
    };
    const address = { kind: edgeCheck.kind, key };
    return { id: `verify ${key}`, verb: 'verify', address, want, have: undefined, drift: [] };
  });
  const location = answers.gate.headers.location?.replace(host, other) ?? '';
  const edge = scriptedEdge((request) =>
    request.host === host ? answers.application : { ...answers.gate, headers: { 'cf-ray': '1', location } },
  );
  const outcomes = (await edgeCheck.write?.(changes, { ...test.pass(), edge })) ?? [];
  expect(Object.fromEntries(outcomes.map(({ change, status }) => [change, status]))).toEqual({
    [`verify ${host}`]: 'failed',
    [`verify ${other}`]: 'done',
  });
  expect(await routes(test)).toEqual(hostClosed);
});

import { beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/lab/sandbox/index.ts';
import { STRANGERS } from '../../lab/sandbox/cloudflare/access/authorities.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { certificateMoves, certificateState, laptops, phones } from '../homes/certificate-home.ts';
import { host, type Moves, union } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';

let moves: Moves;
let first: Snapshot;

beforeAll(async () => {
  moves = await certificateMoves();
  first = moves.sandbox.snapshot();
});

interface Authority {
  readonly id: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly hostnames: readonly string[];
}

function authorities(): readonly Authority[] {
  const { accessCertificates = [] } = JSON.parse(moves.sandbox.snapshot()) as {
    readonly accessCertificates?: readonly Authority[];
  };
  return accessCertificates;
}

/** True if a person with a certificate of the authority with this fingerprint gets in. */
async function getsIn(email: string, fingerprint: string | undefined, path = '/'): Promise<boolean> {
  const authority = authorities().find((each) => each.fingerprint === fingerprint)?.id;
  const shown = authority === undefined ? {} : { certificate: { commonName: 'mine', authority } };
  const init = { method: 'POST', body: JSON.stringify({ host, path, email, ...shown }) };
  const reply = await moves.sandbox.fetch(`${moves.sandbox.urls.admin}/login`, init);
  if (reply.status === 403) return false;
  expect(reply.status, await reply.clone().text()).toBe(200);
  const { cookie } = (await reply.json()) as { readonly cookie: string };
  const headers: Record<string, string> = {
    cookie,
    ...(authority !== undefined && {
      'x-sandbox-visitor-certificate': 'mine',
      'x-sandbox-visitor-certificate-authority': authority,
    }),
  };
  const { get } = sandboxEdge(moves.sandbox);
  const answer = await get({ host, path, headers, nameServers: [] }, new AbortController().signal);
  return answer.status === 200;
}

async function apply(file: string, disk = newDisk()) {
  return (await moves.process(disk, file)).report;
}

describe('a gate that names certificate authorities', () => {
  it.each([
    { state: 'me, by a laptop', inside: [laptops], outside: [phones, undefined] },
    { state: 'me, by a phone', inside: [phones], outside: [laptops, undefined] },
    { state: 'me, by either', inside: [laptops, phones], outside: [undefined] },
    { state: 'me', inside: [undefined], outside: [] },
  ])('admits me with one of their certificates: $state', async ({ state, inside, outside }) => {
    await moves.sceneOf(first, certificateState(state));
    expect(moves.sandbox.exposures()).toEqual([]);
    for (const each of inside) expect(await getsIn('me@example.dev', each), String(each)).toBe(true);
    for (const each of outside) expect(await getsIn('me@example.dev', each), String(each)).toBe(false);
    for (const each of [laptops, phones, undefined])
      expect(await getsIn('you@example.net', each), String(each)).toBe(false);
  });

  it('has each authority once in the account, with exactly its hosts, and none that no gate names', async () => {
    const { disk } = await moves.sceneOf(first, certificateState('me, by either'));
    const shown = () =>
      authorities().map(({ name, fingerprint, hostnames }) => ({ name, fingerprint, hostnames }));
    expect(shown().sort((left, right) => (left.name < right.name ? -1 : 1))).toEqual([
      { name: 'gates:home/laptops', fingerprint: laptops, hostnames: [host] },
      { name: 'gates:home/phones', fingerprint: phones, hostnames: [host] },
    ]);
    await apply(moves.fileOf(certificateState('me, by a phone')), disk);
    expect(shown()).toEqual([{ name: 'gates:home/phones', fingerprint: phones, hostnames: [host] }]);
    await apply(moves.fileOf(certificateState('me')), disk);
    expect(shown()).toEqual([]);
    const idle = await moves.process(disk, moves.fileOf(certificateState('me')));
    expect(idle.reads.filter(({ read }) => read.includes('certificates'))).toEqual([]);
  });

  it('is read no longer after a run that was stopped right after the last removal', async () => {
    const { disk } = await moves.sceneOf(first, certificateState('me'));
    await disk.notes.put('certificate-authority', 'home');
    const asksIn = async () =>
      (await moves.process(disk, moves.fileOf(certificateState('me')))).reads.filter(({ read }) =>
        read.includes('certificates'),
      ).length;
    expect(await asksIn()).toBeGreaterThan(0);
    expect(await asksIn()).toBe(0);
  });

  it('gives an authority another name in place, and takes a host away that somebody added', async () => {
    const { disk } = await moves.sceneOf(first, certificateState('me, by a laptop'));
    const [{ id = '' } = {}] = authorities();
    const path = `/accounts/${moves.sandbox.accountId}/access/certificates/${id}`;
    await moves.byHand('PUT', path, { associated_hostnames: [host, 'anchor.example.dev'] });
    const file = moves.fileOf(certificateState('me, by a laptop')).replaceAll('laptops', 'notebooks');
    expect(unfinished(await apply(file, disk))).toEqual([]);
    expect(authorities()).toMatchObject([{ id, name: 'gates:home/notebooks', hostnames: [host] }]);
  });

  it('exchanges an authority without a moment in which nobody gets in', async () => {
    const { disk } = await moves.sceneOf(first, certificateState('me, by a laptop'));
    const report = await apply(moves.fileOf(certificateState('me, by a phone')), disk);
    const steps = report?.plan?.changes.flatMap(({ verb, address }) =>
      address.kind.startsWith('cloudflare/certificate') ? [`${verb} ${address.kind} ${address.key}`] : [],
    );
    expect(steps).toEqual([
      `create cloudflare/certificate-authority ${phones}`,
      `create cloudflare/certificate-host ${phones} ${host}`,
      `prune cloudflare/certificate-host ${laptops} ${host}`,
      `prune cloudflare/certificate-authority ${laptops}`,
    ]);
  });

  it('asks for certificates only once the authority is valid at the host', async () => {
    const { disk } = await moves.sceneOf(first, certificateState('me'));
    const report = await apply(moves.fileOf(certificateState('me, by a laptop')), disk);
    const kinds = report?.plan?.changes.flatMap(({ verb, address }) =>
      verb === 'keep' || verb === 'verify' ? [] : [address.kind],
    );
    expect(kinds).toEqual([
      'cloudflare/certificate-authority',
      'cloudflare/certificate-host',
      'cloudflare/access-policy',
    ]);
  });

  it.each([
    { method: 'DELETE', code: 12134, message: 'access.api.error.certificate_has_active_associations' },
    {
      method: 'PUT',
      code: 12132,
      message: 'access.api.error.conflict: previous certificate settings still being updated',
    },
  ])('waits while Cloudflare still applies an earlier change: $method', async ({ method, code, message }) => {
    const { disk } = await moves.sceneOf(first, certificateState('me, by a laptop'));
    const body = { success: false, errors: [{ code, message }], messages: [], result: null };
    await moves.admin('POST', '/faults', {
      match: { method, path: '*/access/certificates/*' },
      ...{ fault: 'status', status: 409, body, times: 2 },
    });
    expect(unfinished(await apply(moves.fileOf(certificateState('me')), disk))).toEqual([]);
    expect(authorities()).toEqual([]);
  });

  it('gives up after a minute, and the next run removes the authority', async () => {
    const { disk } = await moves.sceneOf(first, certificateState('me, by a laptop'));
    const errors = [{ code: 12134, message: 'access.api.error.certificate_has_active_associations' }];
    await moves.admin('POST', '/faults', {
      match: { method: 'DELETE', path: '*/access/certificates/*' },
      ...{ fault: 'status', status: 409, times: 6 },
      body: { success: false, errors, messages: [], result: null },
    });
    expect(unfinished(await apply(moves.fileOf(certificateState('me')), disk))).toHaveLength(1);
    expect(unfinished(await apply(moves.fileOf(certificateState('me')), disk))).toEqual([]);
    expect(authorities()).toEqual([]);
  });
});

describe('an authority of before that stays at the host, because pruning is off', () => {
  const from = 'me, by a laptop';
  const unpruned = (name: string) => `${moves.fileOf(certificateState(name))}\nreconcile: { prune: false }\n`;

  it.each(['you, by a phone', 'me, by a phone'])('keeps a gate from naming others: %s', async (name) => {
    const { disk } = await moves.sceneOf(first, certificateState(from));
    await moves.guard(union(certificateState(from), certificateState(name)));
    const { report } = await moves.process(disk, unpruned(name));
    expect(moves.sandbox.exposures()).toEqual([]);
    const refused = report?.plan?.changes.find(({ verb }) => verb === 'refuse');
    expect(refused?.reason).toContain('of ours still has the host, because a file before named it');
    expect((await moves.process(disk, unpruned(name))).writes).toBe(0);
    expect(unfinished(await apply(moves.fileOf(certificateState(name)), disk))).toEqual([]);
    expect(moves.sandbox.exposures()).toEqual([]);
  });

  it('keeps an authority away from the gate of a path that stays too, and asks for a certificate', async () => {
    const [before, after] = ['me, and you below a path by a phone', 'me, by either'] as const;
    const { disk } = await moves.sceneOf(first, certificateState(before));
    await moves.guard(union(certificateState(before), certificateState(after)));
    const { report } = await moves.process(disk, unpruned(after));
    expect(moves.sandbox.exposures()).toEqual([]);
    const refused = report?.plan?.changes.find(({ verb }) => verb === 'refuse');
    expect(refused?.reason).toContain('would accept those of the new authority: let gates remove it');
    expect((await moves.process(disk, unpruned(after))).writes).toBe(0);
    expect(unfinished(await apply(moves.fileOf(certificateState(after)), disk))).toEqual([]);
    expect(moves.sandbox.exposures()).toEqual([]);
  });

  it.each(['me', 'me, by either'])("is in nobody's way: %s", async (name) => {
    const { disk } = await moves.sceneOf(first, certificateState(from));
    expect(unfinished(await apply(unpruned(name), disk))).toEqual([]);
  });
});

describe('an authority of somebody else', () => {
  const path = () => `/accounts/${moves.sandbox.accountId}/access/certificates`;

  it('at the host keeps a gate from naming others, and gates leaves it alone', async () => {
    const { disk } = await moves.sceneOf(first, certificateState('me'));
    await moves.byHand('POST', path(), {
      name: 'theirs',
      certificate: STRANGERS,
      associated_hostnames: [host],
    });
    const report = await apply(moves.fileOf(certificateState('me, by a laptop')), disk);
    const refused = report?.plan?.changes.find(({ verb }) => verb === 'refuse');
    expect(refused?.reason).toContain('a certificate authority that is not ours has the host too');
    expect(authorities().find(({ name }) => name === 'theirs')).toMatchObject({ hostnames: [host] });
    expect(authorities().flatMap(({ name, hostnames }) => (name === 'theirs' ? [] : hostnames))).toEqual([]);
    expect(await getsIn('me@example.dev', undefined)).toBe(true);
  });

  it('with the certificate of the file is adopted on request, and not touched before', async () => {
    moves.sandbox.restore(first);
    await moves.guard([]);
    await moves.byHand('POST', path(), { name: 'theirs', certificate: STRANGERS, associated_hostnames: [] });
    const report = await apply(moves.fileOf(certificateState('me, by a phone')));
    const refused = report?.plan?.changes.find(
      ({ verb, address }) => verb === 'refuse' && address.kind === 'cloudflare/certificate-authority',
    );
    expect(refused?.reason).toContain('gates adopt');
    expect(authorities()).toMatchObject([{ name: 'theirs', hostnames: [] }]);
  });

  it('added to the host by hand is noticed by the next run', async () => {
    const { disk } = await moves.sceneOf(first, certificateState('me, by a laptop'));
    await moves.byHand('POST', path(), {
      name: 'theirs',
      certificate: STRANGERS,
      associated_hostnames: [host],
    });
    const report = await apply(moves.fileOf(certificateState('me, by a laptop')), disk);
    expect(report?.plan?.changes.filter(({ verb }) => verb === 'refuse')).toMatchObject([
      { because: 'services.app' },
    ]);
    expect(authorities()).toHaveLength(2);
  });
});

it('without an entitlement, the host keeps its gate and the error says what is missing', async () => {
  const { disk } = await moves.sceneOf(first, certificateState('me'));
  await moves.admin('PUT', '/entitlements', { entitlements: [] });
  const report = await apply(moves.fileOf(certificateState('me, by a laptop')), disk);
  expect(unfinished(report).join('\n')).toContain('not entitled to client certificates');
  expect(moves.sandbox.exposures()).toEqual([]);
  expect(await getsIn('me@example.dev', undefined)).toBe(true);
});

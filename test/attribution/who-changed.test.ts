import { expect, it } from 'vitest';
import { actorsIn, type Gates, house } from './house.ts';

const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  proxmox: { host: proxmox.example.dev, origin: traefik, gate: { cloudflare: { emails: [me@example.dev] } } }
dns: { example.dev: [{ name: nas, type: A, content: 192.0.2.9 }] }
`;

const nas = 'cloudflare/dns-record A nas.example.dev 192.0.2.9';

/** A house with the file applied twice, so that the last run found everything in order. */
async function settled() {
  const all = await house();
  await all.gates.apply(file);
  await all.gates.apply(file);
  const record = () =>
    all.state().records.find(({ name }: { readonly name: string }) => name === 'nas.example.dev');
  const path = () => `/zones/${record().zoneId}/dns_records/${record().id}`;
  /** An actor switches whether requests for the record go through Cloudflare. */
  const change = (actor: string, proxied = true) =>
    all.outside({ actor, method: 'PATCH', path: path(), body: { proxied } });
  return { ...all, path, change };
}

/** A wrapper that answers the calls of one path with `answer`. */
function answering(
  part: string,
  answer: (signal?: AbortSignal | null) => Promise<Response>,
): Gates['around'] {
  return (send) => async (input, init) => {
    const { url } = input instanceof Request ? input : new Request(input, init);
    return url.includes(part) ? answer(init?.signal) : send(input, init);
  };
}

it('a plan reads no log and names nobody before the first run that found everything in order', async () => {
  const { gates, folder, change } = await settled();
  await change('ann@example.dev');
  const other = await folder();
  expect(await other.whoChanged(file)).toEqual({});
  expect(other.asked).toEqual([]);
  expect(await gates.whoChanged(file)).toEqual({ [nas]: ['ann@example.dev dashboard'] });
});

it('a plan names everybody who changed an object since then, the latest first, each once', async () => {
  const { gates, change } = await settled();
  await change('ann@example.dev');
  await change('bob@example.dev', false);
  await change('ann@example.dev');
  expect(await gates.whoChanged(file)).toEqual({
    [nas]: ['ann@example.dev dashboard', 'bob@example.dev dashboard'],
  });
});

it('a plan does not name actors from before the last repair', async () => {
  const { gates, change } = await settled();
  await change('ann@example.dev');
  await gates.apply(file);
  await change('bob@example.dev');
  expect(await gates.whoChanged(file)).toEqual({ [nas]: ['bob@example.dev dashboard'] });
});

it('a plan says that an entry is missing while the log has none', async () => {
  const { gates, sandbox, path } = await settled();
  const edit = { actor: 'ann@example.dev', method: 'PATCH', path: path(), body: { proxied: true } };
  await sandbox.fetch(`${sandbox.urls.admin}/edit`, { method: 'POST', body: JSON.stringify(edit) });
  expect(await gates.whoChanged(file)).toEqual({ [nas]: [] });
  await sandbox.advance(60_000);
  expect(await gates.whoChanged(file)).toEqual({ [nas]: ['ann@example.dev dashboard'] });
});

it('a plan names another gates with the same token and another state folder', async () => {
  const { gates, folder, sandbox } = await settled();
  const other = await folder();
  await other.apply(file.replace('192.0.2.9 }', '192.0.2.9, proxied: true }'));
  await sandbox.advance(120_000);
  const twin = `another program with gates' own login (the token "daemon") API`;
  expect(await gates.whoChanged(file)).toEqual({ [nas]: [twin] });
});

it('a plan names the missing permission at Cloudflare', async () => {
  const { gates, change, limitToken } = await settled();
  await change('ann@example.dev');
  const own = ['DNS Write', 'Zone Read', 'Access: Apps and Policies Write', 'Cloudflare Tunnel Write'];
  await limitToken([
    ...own,
    'Access: Service Tokens Write',
    'Access: Organizations, Identity Providers, and Groups Read',
  ]);
  expect(actorsIn(await gates.plan(file))).toEqual({
    cloudflare: [
      'the token may not read the audit log (optional permission: Account / Account Settings / Read)',
    ],
  });
});

it('a plan names the missing permission at Authentik', async () => {
  const { gates, outside, hand } = await settled();
  const group = await hand.group('admins');
  await outside({
    actor: 'bob',
    system: 'authentik',
    method: 'DELETE',
    path: `/api/v3/core/groups/${group}/`,
  });
  gates.around = answering('/events/events/', async () =>
    Response.json({ detail: 'You do not have permission to perform this action.' }, { status: 403 }),
  );
  expect(await gates.whoChanged(file)).toEqual({
    authentik: ['the token may not read the events (optional permission: authentik_events.view_event)'],
  });
  gates.around = (send) => send;
  expect(await gates.whoChanged(file)).toEqual({ 'authentik/group admins': ['bob dashboard'] });
});

it('a run reports when the log does not answer, and does its work', async () => {
  const { gates, change } = await settled();
  await change('ann@example.dev');
  gates.around = answering('/logs/audit', async () => {
    throw new TypeError('fetch failed');
  });
  const report = await gates.apply(file);
  expect(actorsIn(report)).toEqual({ cloudflare: [expect.stringMatching(/^the log could not be read: /)] });
  expect(report.outcomes.map(({ status }) => status)).toEqual(['done']);
});

it('a run stops waiting for a log that takes too long', async () => {
  const { gates, change } = await settled();
  await change('ann@example.dev');
  gates.around = answering('/logs/audit', (signal) => {
    setImmediate(() => gates.patience.abort(new DOMException('The operation timed out', 'TimeoutError')));
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  });
  expect(await gates.whoChanged(file)).toEqual({ cloudflare: ['the log did not answer in time'] });
});

it('a run never fails because its own record is damaged', async () => {
  const { gates, change } = await settled();
  await change('ann@example.dev');
  for (const name of await gates.notes.list('in-order')) await gates.notes.put('in-order', name, '{');
  expect(await gates.whoChanged(file)).toEqual({});
  expect((await gates.apply(file)).outcomes.map(({ status }) => status)).toEqual(['done']);
});

it('a plan reads at most three pages of the log, and does not claim that entries on later pages are missing', async () => {
  const { gates, change } = await settled();
  await change('ann@example.dev');
  const many = Array.from({ length: 1000 }, () => ({ action: { time: '2099-01-01T00:00:00Z' } }));
  const page = { success: true, errors: [], result: many, result_info: { count: '1000', cursor: 'more' } };
  let calls = 0;
  gates.around = answering('/logs/audit', async () => {
    calls += 1;
    return Response.json(page);
  });
  expect(await gates.whoChanged(file)).toEqual({
    cloudflare: [expect.stringMatching(/^gates read only the newest part of the log/)],
  });
  expect(calls).toBe(3);
});

it('a run asks a person only after it has read the log, and a daemon’s repair waits for nothing', async () => {
  const { gates, change } = await settled();
  await change('ann@example.dev');
  let shown: readonly unknown[] = [];
  await gates.apply(file, {
    confirm: async ({ attribution }) => {
      shown = [...(attribution?.changes.keys() ?? [])];
      return false;
    },
  });
  expect(shown).toEqual(['cloudflare/dns-record:A nas.example.dev 192.0.2.9']);
  const order: string[] = [];
  gates.around = (send) => async (input, init) => {
    const request = new Request(input, init);
    if (request.method !== 'GET') order.push('write');
    if (request.url.includes('/logs/audit')) order.push('log');
    return send(request);
  };
  await gates.apply(file);
  expect(order).toEqual(['write', 'log']);
});

it('a run that cannot read its record of own writes names nobody, and does its work', async () => {
  const { gates, change } = await settled();
  await change('ann@example.dev');
  const unread = () => Promise.reject(new Error('EACCES: permission denied'));
  const asked = () => Promise.reject(new Error('nobody asks'));
  const logs = () => ({
    ...{ page: asked, cloudflare: { get: asked }, authentik: undefined },
    ownWrites: unread,
  });
  const report = await gates.apply(file, { logs });
  const reason = 'the notes in the state folder could not be read: EACCES: permission denied';
  expect(actorsIn(report)).toEqual({ cloudflare: [reason], authentik: [reason] });
  expect(report.outcomes.map(({ status }) => status)).toEqual(['done']);
});

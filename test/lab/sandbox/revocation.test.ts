import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LagOptions } from '../../../src/lab/sandbox/index.ts';
import { type Client, newClient } from './client.ts';
import { addApp, addPolicy, addRecord, guardedRule, setIngress } from './edge/scene.ts';

const HOST = 'app.example.dev';
const ME = 'me@example.dev';
const YOU = 'you@example.dev';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Scene extends Client {
  /** Logs in, and returns the session's cookie, or the status of a failed login. */
  logIn(email: string): Promise<string | number>;
  status(cookie: string | number): Promise<number>;
  revoke(): Promise<void>;
  /** Narrows the policy to ME. */
  narrow(): Promise<void>;
}

/** A host HOST that admits ME and YOU. */
async function scene(lag: LagOptions): Promise<Scene> {
  const client = await newClient();
  const world = JSON.parse(client.sandbox.snapshot());
  addRecord(world, { name: HOST });
  const named = [ME, YOU].map((email) => ({ email: { email } }));
  const policy = addPolicy(world, 'allow', named);
  const app = addApp(world, [HOST], [policy]);
  setIngress(world, [guardedRule(HOST, app)]);
  client.sandbox.restore(JSON.stringify(world));
  client.sandbox.setLag(lag);
  const { account, api, admin, visit } = client;
  return {
    ...client,
    logIn: async (email) => {
      const { status, body } = await admin('POST', '/login', { host: HOST, email });
      return body.cookie ?? status;
    },
    status: async (cookie) => (await visit(`https://${HOST}/`, { cookie: String(cookie) })).status,
    revoke: async () => {
      expect((await api('POST', `${account}/access/apps/${app.id}/revoke_tokens`)).status).toBeLessThan(300);
    },
    narrow: async () => {
      const body = { name: policy.name, decision: 'allow', include: [{ email: { email: ME } }] };
      expect((await api('PUT', `${account}/access/policies/${policy.id}`, body)).status).toBe(200);
    },
  };
}

it('a revoked session is accepted until the revocation arrives', async () => {
  const { logIn, revoke, status, sandbox } = await scene({ revocations: 25_000 });
  const cookie = await logIn(ME);
  await revoke();
  expect(await status(cookie)).toBe(200);
  await sandbox.advance(24_999);
  expect(await status(cookie)).toBe(200);
  await sandbox.advance(1);
  expect(await status(cookie)).toBe(302);
});

it('a revoked person cannot log in for a minute, but a person without a session can', async () => {
  const { logIn, revoke, status, sandbox } = await scene({ revocations: 25_000 });
  await logIn(ME);
  await revoke();
  await sandbox.advance(25_000);
  expect(await logIn(ME)).toBe(403);
  expect(await status(await logIn(YOU))).toBe(200);
  await sandbox.advance(35_000);
  expect(await status(await logIn(ME))).toBe(200);
});

it('a person who logs in under the old policy after the revocation keeps that session', async () => {
  const { logIn, revoke, narrow, status, sandbox } = await scene({ login: 5000, revocations: 1000 });
  await narrow();
  await revoke();
  await sandbox.advance(1000);
  const late = await logIn(YOU);
  await sandbox.advance(60_000);
  expect(await logIn(YOU)).toBe(403);
  expect(await status(late)).toBe(200);
  await revoke();
  await sandbox.arrive();
  expect(await status(late)).toBe(302);
});

it('the login service learns of an application later than the edge', async () => {
  const { account, api, visit, sandbox, logIn } = await scene({ login: 5000 });
  const world = JSON.parse(sandbox.snapshot());
  const [app] = world.apps;
  await api('DELETE', `${account}/access/apps/${app.id}`);
  const policies = app.policies.map(({ id, precedence }: { id: string; precedence: number }) => ({
    id,
    precedence,
  }));
  await sandbox.arrive();
  await api('POST', `${account}/access/apps`, { name: 'again', type: 'self_hosted', domain: HOST, policies });
  const sent = (await visit(`https://${HOST}/`)).headers.get('location') ?? '';
  expect(sent).toContain('/cdn-cgi/access/login/');
  expect((await visit(sent)).status).toBe(404);
  expect(await logIn(ME)).toBe(400);
  await sandbox.advance(5000);
  expect((await visit(sent)).status).toBe(200);
  expect(await logIn(ME)).toMatch(/^CF_Authorization=/);
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../../../src/lab/sandbox/state/world.ts';
import { type Client, newClient } from '../../client.ts';
import { accessScene, PROXMOX } from '../access-scene.ts';
import { browserOf } from '../browser.ts';
import { newWorld } from '../scene.ts';

const HOST = 'app.example.dev';
const ME = 'me@example.dev';

const asked = { purpose_justification_required: true, purpose_justification_prompt: 'Why?' };

describe('a policy with approvers', () => {
  let client: Client;

  async function done(method: string, path: string, body?: unknown) {
    const reply = await client.api(method, client.account + path, body);
    expect(reply.body.success, JSON.stringify(reply.body)).toBe(true);
    return reply.body.result;
  }

  beforeEach(async () => {
    client = await newClient();
    const approval_groups = [{ approvals_needed: 2, email_addresses: ['a@b.c', 'B@b.c', ME] }];
    const { id } = await done('POST', '/access/policies', {
      ...{ name: 'p', decision: 'allow', include: [{ everyone: {} }] },
      ...{ ...asked, approval_required: true, approval_groups },
    });
    await done('POST', '/access/apps', { type: 'self_hosted', name: 'app', domain: HOST, policies: [id] });
  });

  const logIn = (more: object = {}) =>
    client.admin('POST', '/login', { host: HOST, email: ME, justification: 'work', ...more });
  const approve = (by: string) => client.admin('POST', '/approvals', { host: HOST, email: ME, by });

  it('admits a person once for each time that enough of them approve', async () => {
    expect((await logIn()).status).toBe(403);
    expect((await approve('a@b.c')).status).toBe(201);
    expect((await approve('a@b.c')).status).toBe(201);
    expect((await logIn()).body.error).toContain('not enough approvers');
    await approve('b@b.c');
    expect((await logIn({ justification: ' ' })).body.error).toContain('a reason');
    expect((await logIn()).status).toBe(200);
    expect((await logIn()).status).toBe(403);
  });

  it('forgets an approval after a day', async () => {
    await approve('a@b.c');
    await approve('b@b.c');
    await client.admin('POST', '/clock', { advance: '24h' });
    expect((await logIn()).status).toBe(403);
  });

  it.each([ME, 'stranger@example.net'])('takes no approval of %s', async (by) => {
    expect((await approve(by)).status).toBe(400);
  });
});

describe('a policy with a justification', () => {
  let world: World;

  beforeEach(async () => {
    world = newWorld();
    await accessScene(world);
    for (const policy of world.policies) policy.settings = asked;
  });

  it('asks people after their login, and lets them in with any reason', async () => {
    const landing = await browserOf(world, { username: 'jo', reason: 'work' }).follow(`https://${PROXMOX}/`);
    expect(landing).toMatchObject({ status: 200, servedBy: 'origin' });
  });

  it('lets nobody in without one', async () => {
    const landing = await browserOf(world, { username: 'jo' }).follow(`https://${PROXMOX}/`);
    expect(landing).toMatchObject({ status: 200, servedBy: 'access' });
    expect(landing.text).toContain('Why do you need');
    const empty = await browserOf(world, { username: 'jo', reason: ' ' }).follow(`https://${PROXMOX}/`);
    expect(empty).toMatchObject({ status: 200, servedBy: 'access' });
  });
});

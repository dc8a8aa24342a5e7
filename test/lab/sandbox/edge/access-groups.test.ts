import { beforeEach, expect, it } from 'vitest';
import { handleCloudflare } from '../../../../src/lab/sandbox/cloudflare/index.ts';
import { login } from '../../../../src/lab/sandbox/edge/team/login.ts';
import { viewOf } from '../../../../src/lab/sandbox/edge/view/view.ts';
import type { AccessApp, AccessPolicy, JsonObject, World } from '../../../../src/lab/sandbox/state/world.ts';
import { addApp, addPolicy, addRecord, newWorld, setIngress, visit } from './scene.ts';

const HOST = 'app.example.dev';
const me = { email: { email: 'me@example.dev' } };
const mine = { email_domain: { domain: 'example.dev' } };
/** A rule for the address of every visitor of the sandbox. */
const here = { ip: { ip: '203.0.113.0/24' } };
/** A rule of unknown effect in the sandbox. */
const unknown = {
  external_evaluation: {
    evaluate_url: 'https://eval.example.com',
    keys_url: 'https://eval.example.com/keys',
  },
};

let world: World;

beforeEach(() => {
  world = newWorld();
  addRecord(world, { name: HOST });
  setIngress(world, [{ hostname: HOST, service: 'http://app.lan' }]);
});

async function group(rules: JsonObject): Promise<JsonObject> {
  const made = await handleCloudflare(
    world,
    new Request(`http://cloudflare.test/client/v4/accounts/${world.account.id}/access/groups`, {
      method: 'POST',
      body: JSON.stringify({ name: 'g', ...rules }),
    }),
    { trusted: true },
  );
  const { result } = (await made.json()) as { result: { id: string } };
  return { group: { id: result.id } };
}

function guarded(policy: Partial<AccessPolicy>): AccessApp {
  const made = Object.assign(addPolicy(world, policy.decision ?? 'allow', []), policy);
  return addApp(world, [HOST], [made]);
}

it('a policy admits the members of a group, except for the exceptions of both', async () => {
  const inner = await group({ include: [mine], exclude: [{ email: { email: 'ex@example.dev' } }] });
  const app = guarded({
    include: [await group({ include: [inner] })],
    exclude: [await group({ include: [me] })],
  });
  const admitted = ['me', 'ex', 'jo'].filter(
    (name) => login(viewOf(world), app, `${name}@example.dev`) !== null,
  );
  expect(admitted).toEqual(['jo']);
  expect(login(viewOf(world), app, 'jo@example.net')).toBeNull();
});

it('a group is judged in its current form', async () => {
  const app = guarded({ include: [await group({ include: [me] })] });
  expect(login(viewOf(world), app, 'me@example.dev')).not.toBeNull();
  const [first] = world.accessGroups ?? [];
  if (first) first.include = [{ email: { email: 'other@example.dev' } }];
  expect(login(viewOf(world), app, 'me@example.dev')).toBeNull();
});

it('a bypass for a group of addresses opens the door only to them', async () => {
  const door = guarded({ decision: 'bypass', include: [await group({ include: [here] })] });
  expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 200, servedBy: 'origin' });
  const elsewhere = await group({ include: [{ ip: { ip: '192.0.2.0/24' } }] });
  const [policy] = world.policies.filter(({ id }) => door.policies.some((link) => link.id === id));
  if (policy) policy.include = [elsewhere];
  expect((await visit(world, `https://${HOST}/`)).status).toBe(403);
});

it('an unknown rule of a group admits more people, even if the group is an exception', async () => {
  const admitted = async (policy: Partial<AccessPolicy>) =>
    login(viewOf(world), guarded(policy), 'me@example.dev') !== null;
  expect(await admitted({ include: [await group({ include: [unknown] })] })).toBe(true);
  expect(await admitted({ include: [me], exclude: [await group({ include: [unknown] })] })).toBe(true);
  const without = await group({ include: [me], exclude: [unknown] });
  expect(await admitted({ include: [me], exclude: [without] })).toBe(true);
  expect(await admitted({ include: [{ group: { id: 'from elsewhere' } }] })).toBe(true);
});

import { beforeAll, expect, it } from 'vitest';
import { mirrorSandbox, type RecordedReply, type Sandbox } from '../../../../../src/lab/sandbox/index.ts';
import { done, recorded, worldOf } from '../recorded.ts';
import { richSandbox } from '../rich-world.ts';

let real: Sandbox;
let replies: readonly RecordedReply[];

beforeAll(async () => {
  real = await richSandbox();
  replies = await recorded(real);
});

it('a copy has the posture rules and authorities, under their ids', async () => {
  const { sandbox: copy, unplayed } = await mirrorSandbox(replies);
  const { postureRules, accessCertificates } = worldOf(real);
  const known = worldOf(copy);
  expect(known.postureRules?.map(({ id, name }) => [id, name])).toEqual(
    postureRules?.map(({ id, name }) => [id, name]),
  );
  expect(known.accessCertificates?.map(({ id, hostnames }) => [id, hostnames])).toEqual(
    accessCertificates?.map(({ id, hostnames }) => [id, hostnames]),
  );
  expect(unplayed.filter((line) => /posture|authorit|certificate of Access/.test(line))).toEqual([]);
});

it('a copy without their list has the posture rules that policies name, and every entitlement', async () => {
  const others = replies.filter(({ path }) => !path.includes('/devices/posture'));
  const { sandbox: copy } = await mirrorSandbox(others);
  const [rule] = worldOf(real).postureRules ?? [];
  const policies = `/accounts/${copy.accountId}/access/policies`;
  const body = {
    name: 'of the copy',
    decision: 'allow',
    include: [{ device_posture: { integration_uid: rule?.id } }],
    isolation_required: true,
  };
  expect(await done(copy, 'cloudflare', 'POST', policies, body)).toMatchObject(body);
});

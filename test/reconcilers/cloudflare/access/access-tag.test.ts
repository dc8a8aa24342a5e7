import { describe, expect, it } from 'vitest';
import { accessTag } from '../../../../reconcilers/cloudflare/access/access-tag.ts';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';

const reconcilers = [account, accessTag];
const want: DesiredObject = {
  address: { kind: 'cloudflare/access-tag', key: 'gates-home' },
  spec: { name: 'gates-home' },
  because: 'owner',
};

contract({
  reconciler: accessTag,
  reconcilers,
  collection: '/accounts/*/access/tags',
  desired: () => [want],
  // A tag is identified by its name, so no field can drift.
  drifts: [],
  async crowd(test, count) {
    const tags = `/accounts/${test.sandbox.accountId}/access/tags`;
    for (let n = 1; n <= count; n += 1) await test.edit('POST', tags, { name: `team-${n}` });
    return tags;
  },
  remove: ({ id }, test) => test.edit('DELETE', `/accounts/${test.sandbox.accountId}/access/tags/${id}`),
});

describe('an Access tag', () => {
  it('that was renamed by hand is created again, and the renamed one belongs to nobody', async () => {
    const test = await testWorld({ reconcilers });
    const tags = `/accounts/${test.sandbox.accountId}/access/tags`;
    await test.apply([want]);
    await test.edit('PUT', `${tags}/gates-home`, { name: 'mine now' });
    expect(pending(await test.plan([want])).map(({ verb, address }) => [verb, address.key])).toEqual([
      ['create', 'gates-home'],
    ]);
    const renamed = (await test.read(accessTag)).find(({ id }) => id === 'mine now');
    expect(renamed?.owner).toBeUndefined();
  });

  it('may have any name on the wire', async () => {
    const test = await testWorld({ reconcilers });
    const odd: DesiredObject = { ...want, address: { kind: 'cloudflare/access-tag', key: 'gates-a-b' } };
    await test.apply([{ ...odd, spec: { name: 'gates-a-b' } }], { owner: 'a-b' });
    await test.apply([], { owner: 'a-b' });
    expect(await test.read(accessTag)).toEqual([]);
  });
});

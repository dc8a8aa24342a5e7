import { describe, expect, it } from 'vitest';
import { apiOperation } from '../../../../reconcilers/cloudflare/api-shield/api-operation.ts';
import { normalEndpoint } from '../../../../reconcilers/cloudflare/api-shield/endpoint.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';
import { configuration, lookups, operation, rule, shieldReconcilers, shieldWorld } from '../api-shield.ts';
import { inZone } from '../first-zone.ts';

const operations = 'api_gateway/operations';
const base = [...lookups, configuration(), rule()];

contract({
  reconciler: apiOperation,
  reconcilers: shieldReconcilers,
  collection: '/zones/*/api_gateway/operations',
  world: shieldWorld,
  unmarked: true,
  desired: () => [...base, operation('GET', '/v1/items/{var1}'), operation('POST', '/v1/items')],
  // A changed operation is another operation, so no field can drift.
  drifts: [],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      const other = { method: 'GET', host: 'other.example.dev', endpoint: `/v1/${n}` };
      await test.edit('POST', inZone(test, operations), [other]);
    }
    return inZone(test, operations);
  },
  items: (reply) =>
    (reply as readonly { readonly operation_id: string }[]).map(({ operation_id: id, ...rest }) => ({
      id,
      ...rest,
    })),
  remove: ({ id }, test) => test.edit('DELETE', inZone(test, `${operations}/${id}`)),
});

describe('an API operation', () => {
  it.each([
    ['/v1/items/{id}', '/v1/items/{var1}', 'variables are named by their place'],
    ['/v1/{a}/x/{b}', '/v1/{var1}/x/{var2}', 'left to right'],
    ['/v1//items/./a/../b', '/v1/items/b', 'dots and double slashes are resolved'],
    ['/v1/%7euser/%2fa', '/v1/~user/%2Fa', 'what needs no escape has none, the others are in capitals'],
  ])('%s is stored as %s: %s', (given, kept) => {
    expect(normalEndpoint(given)).toBe(kept);
    expect(normalEndpoint(kept)).toBe(kept);
  });

  it('of our host that the file does not name is removed, and others stay', async () => {
    const test = await testWorld({ reconcilers: shieldReconcilers, ...shieldWorld });
    for (const host of ['api.example.dev', 'other.example.dev']) {
      await test.edit('POST', inZone(test, operations), [{ method: 'DELETE', host, endpoint: '/v1/all' }]);
    }
    const wants = [...base, operation('GET', '/v1/items')];
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(pending(await test.plan(wants))).toEqual([]);
    const keys = (await test.read(apiOperation)).map(({ address }) => address.key);
    expect(keys.sort()).toEqual(['DELETE other.example.dev /v1/all', 'GET api.example.dev /v1/items']);
  });
});

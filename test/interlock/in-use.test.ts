import { expect, it } from 'vitest';
import type { Observed } from '../../src/core/objects/object.ts';
import { withoutUsed } from '../../src/interlock/in-use.ts';

function object(id: string, uses: readonly string[] = []): Observed {
  const address = { kind: 'cloudflare/access-policy', key: id } as const;
  return { address, id, owner: 'home', spec: {}, attributes: {}, uses };
}

it('an object that leaves stays if something that stays uses it, also through another one', () => {
  const [group, policy, application] = [
    object('group'),
    object('policy', ['group']),
    object('app', ['policy']),
  ];
  const unused = object('unused', ['list']);
  const list = object('list');
  const objects = [group, policy, application, unused, list];
  const leaving = objects.filter((each) => each !== application);
  expect(withoutUsed(leaving, objects)).toEqual([unused, list]);
  expect(withoutUsed(objects, objects)).toEqual(objects);
});

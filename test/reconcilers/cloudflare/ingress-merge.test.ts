import { expect, it } from 'vitest';
import { merge } from '../../../reconcilers/cloudflare/ingress/merge.ts';
import type { IngressRuleSpec } from '../../../reconcilers/cloudflare/ingress/rule-spec.ts';
import type { ReadyChange } from '../../../src/core/change.ts';

const hostname = 'a.example.dev';
const catchAll = { service: 'http_status:404' };
const twin = (name: string) => ({ hostname, service: `http://${name}.lan` });
const closedByOthers = {
  ...{ hostname, service: 'http_status:503' },
  originRequest: { httpHostHeader: 'gates-work' },
};

const changeTo = (want: Partial<IngressRuleSpec> | undefined) =>
  ({
    verb: want === undefined ? 'prune' : 'update',
    want: want && { hostname, originRequest: {}, ...want },
    have: { spec: { hostname } },
  }) as ReadyChange<IngressRuleSpec>;

const removal = changeTo(undefined);
const update = changeTo({ service: 'http://new.lan' });

it.each([
  ['a removal takes every entry for the requests', removal, ['first', 'second'].map(twin), []],
  ['an update leaves one entry', update, ['first', 'second'].map(twin), [twin('new')]],
  ['a removal leaves what others closed', removal, [twin('first'), closedByOthers], [closedByOthers]],
  [
    'an update leaves what others closed',
    update,
    [twin('first'), closedByOthers],
    [twin('new'), closedByOthers],
  ],
])('%s', (_, change, before, after) => {
  expect(merge([...before, catchAll], [change], 'homer')).toEqual([...after, catchAll]);
});

it('writes nothing over what others closed meanwhile', () => {
  expect(() => merge([closedByOthers, catchAll], [update], 'homer')).toThrow(
    'Somebody else made another rule',
  );
});

import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { TokenRulePart } from '../../../src/core/objects/parts/edge-parts.ts';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import { edgeRule, holding, openFacts, reached, served, stranger, weighed } from '../parts.ts';

const host = 'api.example.dev';
const answer = `http://app.lan for ${host}`;

const operation = (method: string, endpoint: string): Part => {
  return { part: 'operation', id: `${method} ${endpoint}`, zone: 'example.dev', host, method, endpoint };
};
const tokens = (more: Partial<TokenRulePart> = {}): Part => {
  const rule = { part: 'token-rule', zone: 'example.dev', enabled: true, action: 'block' } as const;
  return { ...rule, hosts: [host], excluded: [], configuration: 'c1', ...more };
};
const bearer: Credential = { has: 'bearer', configuration: 'c1' };
const caller = holding(bearer, { has: 'audience', configuration: 'c1', audience: 'api' });

const others = edgeRule({ blocks: 'other-operations', host });
const audience = edgeRule({ blocks: 'other-audiences', host, configuration: 'c1', audience: 'api' });
const foreign = (action: string) => edgeRule({ blocks: 'unknown', action });

describe('rules of the edge', () => {
  const closed: Readonly<Record<string, string>> = {};
  const open = { [answer]: 'admitted' };
  const open_ = (reason: string) => ({ [answer]: reason });

  it.each([
    { because: 'no rule blocks nothing', parts: [], path: '/', who: stranger, is: open },
    {
      because: 'what is no saved operation is blocked',
      parts: [others, operation('GET', '/v1/items')],
      path: '/',
      who: caller,
      is: closed,
    },
    {
      because: 'a saved operation is let past',
      parts: [others, operation('GET', '/v1/items')],
      path: '/v1/items',
      who: stranger,
      is: open,
    },
    {
      because: 'a method counts',
      parts: [others, operation('POST', '/v1/items')],
      path: '/v1/items',
      who: stranger,
      is: closed,
    },
    {
      because: 'a variable is one segment',
      parts: [others, operation('GET', '/v1/{var1}')],
      path: '/v1/a',
      who: stranger,
      is: open,
    },
    {
      because: 'a variable is no two segments',
      parts: [others, operation('GET', '/v1/{var1}')],
      path: '/v1/a/b',
      who: stranger,
      is: closed,
    },
    {
      because: 'a dot of an endpoint is a dot',
      parts: [others, operation('GET', '/v1/a.b')],
      path: '/v1/a.b',
      who: stranger,
      is: open,
    },
    {
      because: 'a dot of an endpoint is no other character',
      parts: [others, operation('GET', '/v1/a.b')],
      path: '/v1/a-b',
      who: stranger,
      is: closed,
    },
    {
      because: 'a host without saved operations has no fallthrough',
      parts: [others],
      path: '/',
      who: stranger,
      is: open,
    },
    {
      because: 'a rule that is off does nothing',
      parts: [{ ...others, enabled: false }, operation('GET', '/v1/items')],
      path: '/',
      who: stranger,
      is: open,
    },
    {
      because: 'a token for another audience is blocked',
      parts: [audience],
      path: '/',
      who: holding(bearer),
      is: closed,
    },
    { because: 'a token for the audience is let past', parts: [audience], path: '/', who: caller, is: open },
    {
      because: 'a rule of another host says nothing',
      parts: [edgeRule({ blocks: 'other-operations', host: 'b.example.dev' }), operation('GET', '/a')],
      path: '/',
      who: stranger,
      is: open,
    },
    {
      because: 'our skip rule skips no rule here',
      parts: [edgeRule({ blocks: 'nothing', host }), audience],
      path: '/',
      who: stranger,
      is: closed,
    },
    {
      because: 'our skip rule blocks no request beside the saved operations',
      parts: [edgeRule({ blocks: 'nothing', host }), operation('GET', '/v1/items')],
      path: '/',
      who: stranger,
      is: open,
    },
    {
      because: 'a foreign rule may block',
      parts: [foreign('block')],
      path: '/',
      who: stranger,
      is: open_('foreign rule'),
    },
    {
      because: 'a foreign challenge may stop somebody',
      parts: [foreign('managed_challenge')],
      path: '/',
      who: stranger,
      is: open_('foreign rule'),
    },
    {
      because: 'a foreign rule that only logs does nothing',
      parts: [foreign('log')],
      path: '/',
      who: stranger,
      is: open,
    },
    {
      because: 'a foreign rule before ours may skip it',
      parts: [foreign('skip'), audience],
      path: '/',
      who: stranger,
      is: open_('foreign rule'),
    },
    {
      because: 'a foreign rule behind ours skips nothing of it',
      parts: [audience, foreign('skip')],
      path: '/',
      who: stranger,
      is: closed,
    },
    {
      because: 'a shadowed rule may be skipped',
      parts: [{ ...audience, shadowed: true }],
      path: '/',
      who: stranger,
      is: open_('foreign rule'),
    },
    {
      because: 'a token rule acts on saved operations alone',
      parts: [tokens()],
      path: '/',
      who: stranger,
      is: open,
    },
    {
      because: 'a token rule refuses callers without a token',
      parts: [tokens(), operation('GET', '/a')],
      path: '/a',
      who: stranger,
      is: closed,
    },
    {
      because: 'a token rule lets a valid token past',
      parts: [tokens(), operation('GET', '/a')],
      path: '/a',
      who: caller,
      is: open,
    },
    {
      because: 'the first token rule decides',
      parts: [tokens({ action: 'log' }), tokens(), operation('GET', '/a')],
      path: '/a',
      who: stranger,
      is: open,
    },
    {
      because: 'a token rule that is off decides nothing',
      parts: [tokens({ action: 'log', enabled: false }), tokens(), operation('GET', '/a')],
      path: '/a',
      who: stranger,
      is: closed,
    },
    {
      because: 'a token rule without hosts is about all',
      parts: [tokens({ hosts: [] }), operation('GET', '/a')],
      path: '/a',
      who: stranger,
      is: closed,
    },
    {
      because: 'a token rule for other hosts is not about this one',
      parts: [tokens({ hosts: ['b.example.dev'] }), operation('GET', '/a')],
      path: '/a',
      who: stranger,
      is: open,
    },
    {
      because: 'an excluded operation goes to the next rule',
      parts: [tokens({ excluded: ['GET /a'], configuration: 'c2' }), tokens(), operation('GET', '/a')],
      path: '/a',
      who: caller,
      is: open,
    },
    {
      because: 'nobody knows another expression',
      parts: [tokens({ configuration: undefined }), operation('GET', '/a')],
      path: '/a',
      who: caller,
      is: open_('foreign rule'),
    },
    {
      because: 'an escape may be read as what it stands for',
      parts: [others, operation('GET', '/a')],
      path: '/%61',
      who: stranger,
      is: open_('path spelling'),
    },
    {
      because: 'rules of the zone and of tokens read a path alike',
      parts: [others, tokens(), operation('GET', '/a')],
      path: '/%61',
      who: stranger,
      is: closed,
    },
    {
      because: 'nothing orders operations that overlap',
      parts: [tokens({ excluded: ['GET /a'] }), operation('GET', '/a'), operation('GET', '/{var1}')],
      path: '/a',
      who: stranger,
      is: open_('overlapping operations'),
    },
  ])('$because', ({ parts, path, who, is }) => {
    expect(reached(served(host, ...parts), { host, path }, who)).toEqual(is);
  });

  it('admit nobody for certain while they cannot be read', () => {
    const snapshot = { parts: served(host), unread: new Set(['edge-rule'] as const) };
    expect(reached(snapshot, { host, path: '/' }, stranger)).toEqual(open_('not read'));
  });

  it('guard copies too', () => {
    expect(reached(served(host, audience), { host, path: '/x.css' }, stranger)).toEqual({});
  });
});

describe('the facts about rules of the edge', () => {
  const rest = 'of example.dev, GET api.example.dev/';
  const skip = foreign('skip');
  const block = foreign('block');
  const shadowed: Part = { ...audience, shadowed: true };

  it.each([
    {
      are: 'named for the rule, as Cloudflare does',
      parts: [{ ...block, id: 'r1' }],
      is: [`foreign rule: r1 ${rest} lets the request past`],
    },
    {
      are: 'named for the place among the foreign rules, if a rule has no name',
      parts: [skip, edgeRule({ blocks: 'nothing', host }), block, foreign('log')],
      is: [
        `foreign rule: rule 1 ${rest} skips the rest`,
        `foreign rule: rule 2 ${rest} lets the request past`,
      ],
    },
    {
      are: 'about a rule that no list shows, if it shadows ours',
      parts: [shadowed],
      is: ['foreign rule: a rule before ours skips it, GET api.example.dev/'],
    },
    {
      are: 'about the foreign rule before ours, if that one shadows it',
      parts: [skip, shadowed],
      is: [`foreign rule: rule 1 ${rest} skips the rest`],
    },
    {
      are: 'about two rules, if a foreign one behind ours does not shadow it',
      parts: [shadowed, block],
      is: [
        'foreign rule: a rule before ours skips it, GET api.example.dev/',
        `foreign rule: rule 1 ${rest} lets the request past`,
      ],
    },
  ])('are $are', ({ parts, is }) => {
    expect(openFacts(served(host, ...parts), `https://${host}/`, stranger)).toEqual(is);
  });

  it.each([
    {
      are: 'each reading of the path',
      parts: [others, operation('GET', '/a')],
      path: '/%61',
      is: ['path spelling: API Shield, GET api.example.dev/%61: /%61'],
    },
    {
      are: 'each reading of the path, also for token rules',
      parts: [tokens(), operation('GET', '/a')],
      path: '/%61',
      is: ['path spelling: API Shield, GET api.example.dev/%61: /%61'],
    },
    {
      are: 'each operation that may be meant',
      parts: [tokens({ excluded: ['GET /a'] }), operation('GET', '/a'), operation('GET', '/{var1}')],
      path: '/a',
      is: ['overlapping operations: GET api.example.dev/a among GET /a, GET /{var1}: GET /a'],
    },
    {
      are: 'each token rule with an expression of somebody else',
      parts: [tokens({ configuration: undefined }), operation('GET', '/a')],
      path: '/a',
      is: ['foreign rule: token rule, GET api.example.dev/a'],
    },
  ])('name $are', ({ parts, path, is }) => {
    expect(openFacts(served(host, ...parts), { host, path }, stranger)).toEqual(is);
  });

  it.each([
    { unread: 'edge-rule', is: ['not read: custom rules for GET api.example.dev/a'] },
    { unread: 'token-rule', is: ['not read: token rules for GET api.example.dev/a'] },
    {
      unread: 'operation',
      is: [
        'not read: operations for GET api.example.dev/a',
        'not read: token rules for GET api.example.dev/a',
      ],
    },
  ] as const)('name the list that gates could not read: $unread', ({ unread, is }) => {
    const snapshot = { parts: served(host, others, tokens()), unread: new Set([unread]) };
    expect(openFacts(snapshot, { host, path: '/a' }, stranger)).toEqual(is);
  });
});

describe('the explanation of the edge rules', () => {
  it('shows each rule and operation that concerns the request, in their order, with what it says by itself', () => {
    const [nothing, item, rule] = [
      edgeRule({ blocks: 'nothing', host }),
      operation('GET', '/a'),
      tokens({ excluded: ['GET /b'] }),
    ];
    const parts = [
      ...[nothing, others, audience, foreign('block'), foreign('log')],
      ...[item, operation('GET', '/b'), tokens({ excluded: ['GET /a'] }), rule],
    ];
    const state = served(host, ...parts);
    const shown = (who: typeof stranger) => weighed('edge rules', state, { host, path: '/a' }, who);
    const same = [
      [nothing, 'admitted'],
      [others, 'admitted'],
      [audience, 'refused'],
      [foreign('block'), 'unknown'],
      [item, 'admitted'],
    ];
    expect(shown(holding(bearer))).toEqual([...same, [rule, 'admitted']]);
    expect(shown(stranger)).toEqual([...same, [rule, 'refused']]);
  });
});

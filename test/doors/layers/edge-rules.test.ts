import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { TokenRulePart } from '../../../src/core/objects/parts/edge-parts.ts';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import { edgeRule, holding, reached, served, stranger } from '../parts.ts';

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

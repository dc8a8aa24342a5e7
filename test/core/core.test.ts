import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, describeError, RejectedError } from '../../src/core/errors.ts';
import { addressId, parseAddressId } from '../../src/core/objects/address.ts';
import { differingFields, equal } from '../../src/core/objects/equal.ts';
import {
  markComment,
  markName,
  markTag,
  readComment,
  readName,
  readTag,
} from '../../src/core/objects/marker.ts';
import { isReference, isResolved, ref, referencesIn, resolve } from '../../src/core/objects/reference.ts';

describe('addresses', () => {
  it('survive their string form, including colons in the key', () => {
    const address = { kind: 'cloudflare/dns-record', key: 'TXT _dmarc v=DMARC1: x' } as const;
    expect(parseAddressId(addressId(address))).toEqual(address);
  });
});

describe('references', () => {
  const spec = {
    content: ref('cloudflare/tunnel:homelab', '{id}.cfargotunnel.com'),
    list: [ref('cloudflare/thing:c'), 'plain'],
    none: null,
    number: 1,
  };

  it('are found anywhere, each once', () => {
    expect(referencesIn([spec, spec])).toEqual(['cloudflare/tunnel:homelab', 'cloudflare/thing:c']);
  });

  it('are filled from attributes, and stay while one is missing', () => {
    const lookup = (id: string) =>
      id === 'cloudflare/tunnel:homelab' ? { id: 'abc' } : id === 'cloudflare/thing:c' ? {} : undefined;
    const filled = resolve(spec, lookup);
    expect(filled).toEqual({ ...spec, content: 'abc.cfargotunnel.com' });
    expect(isResolved(filled)).toBe(false);
    expect(isResolved(resolve(spec, () => ({ id: 'x' })))).toBe(true);
    expect(resolve(spec, () => undefined)).toEqual(spec);
  });

  it('are distinguished from other objects', () => {
    expect([null, 'x', {}, { $ref: 'x' }, ref('cloudflare/thing:c')].map(isReference)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });
});

describe('equality', () => {
  it.each([
    { because: 'key order does not matter', left: { a: 1, b: 2 }, right: { b: 2, a: 1 }, same: true },
    { because: 'list order does', left: [1, 2], right: [2, 1], same: false },
    { because: 'length does', left: [1], right: [1, 2], same: false },
    { because: 'a list is not an object', left: [], right: {}, same: false },
    { because: 'undefined is absent', left: { a: undefined }, right: {}, same: true },
    { because: 'null is not absent', left: { a: null }, right: {}, same: false },
    { because: 'nothing equals null but null', left: null, right: {}, same: false },
    { because: 'numbers are not strings', left: 1, right: '1', same: false },
  ])('$because', ({ left, right, same }) => {
    expect(equal(left, right)).toBe(same);
    expect(equal(right, left)).toBe(same);
  });

  it('compares only the desired fields', () => {
    expect(differingFields({ a: 1, b: undefined, c: [2] }, { a: 1, b: 5, c: [3], d: 4 })).toEqual(['c']);
  });
});

describe('markers', () => {
  const owner = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);

  it('are read back as written, whatever the comment or key', () => {
    fc.assert(
      fc.property(owner, fc.string(), fc.string({ minLength: 1 }), (name, comment, key) => {
        expect(readComment(markComment(name, comment))).toEqual({ owner: name, comment });
        expect(readName(markName(name, key))).toEqual({ owner: name, key });
        expect(readTag(markTag(name))).toBe(name);
      }),
    );
  });

  it.each([
    'gates',
    'gates:',
    'gates:Home x',
    'gates:home2long-owner-name x',
    'mail gates:home',
    ' gates:home',
  ])('are not found in a comment that only resembles one: %s', (comment) => {
    expect(readComment(comment)).toEqual({ owner: undefined, comment });
  });

  it('are not found in foreign names and tags', () => {
    expect(readName('ci')).toEqual({ owner: undefined, key: 'ci' });
    expect(readTag('production')).toBeUndefined();
  });
});

describe('errors', () => {
  it('report what happened, with the API’s words, and what to do', () => {
    const facts = {
      code: '11010',
      detail: 'access.api.error.application_already_exists',
      requestId: '8f-FRA',
    };
    const error = new RejectedError('Cloudflare refused the application', {
      hint: 'Remove the other one',
      facts,
    });
    expect(describeError(error)).toBe(
      'Cloudflare refused the application (11010 access.api.error.application_already_exists) [request 8f-FRA]. Remove the other one',
    );
    expect(error.name).toBe('RejectedError');
  });

  it('keep their cause, and are short without facts', () => {
    const cause = new Error('ENOENT');
    expect(new ConfigError('no file', { cause }).cause).toBe(cause);
    expect(describeError(new ConfigError('no file'))).toBe('no file');
    expect(describeError(cause)).toBe('ENOENT');
    expect(describeError('text')).toBe('text');
  });
});

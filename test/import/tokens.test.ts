import { describe, expect, it } from 'vitest';
import type { Observed } from '../../src/core/objects/object.ts';
import { ImportedTokens } from '../../src/import/access/tokens.ts';
import { Inexpressible } from '../../src/import/terms/inexpressible.ts';
import { LiveObjects } from '../../src/import/terms/live-objects.ts';

const kind = 'cloudflare/service-token';

function token(id: string, key: string, owner: string | undefined, enabled = true): Observed {
  return {
    address: { kind, key: owner === 'home' ? key : `${key} (${id})` },
    ...{ id, owner, attributes: { id }, uses: [] },
    spec: { duration: '8760h', enabled, secret: 'kept', deliver: [] },
  };
}

function tokensOf(...objects: readonly Observed[]): ImportedTokens {
  const scope = { owner: 'home', account: '', zones: [], tunnels: [] };
  return new ImportedTokens(new LiveObjects(scope, [{ kind, state: 'known', objects }]));
}

describe('the names of imported tokens', () => {
  it('keep the name of ours, whichever token of another owner comes first', () => {
    const tokens = tokensOf(token('1', 'ci', 'work'), token('2', 'ci', undefined), token('3', 'ci', 'home'));
    expect(tokens.of('3')).toBe('ci');
    expect(tokens.of('2')).not.toBe('ci');
  });

  it('are one name for two of ours, of which a plan removes one', () => {
    const copy = { ...token('2', 'ci', 'home'), address: { kind, key: 'ci (2)' } } as const;
    const tokens = tokensOf(token('1', 'ci', 'home'), copy, token('3', 'ci', undefined));
    expect(tokens.own).toEqual(['ci', 'ci']);
    expect(tokens.of('2')).toBe('ci');
    expect(tokens.of('3')).toBe('ci-2');
  });

  it('never are that of the token of gates itself', () => {
    expect(tokensOf(token('1', 'probe', undefined)).of('1')).toBe('probe-2');
    expect(() => tokensOf(token('1', 'probe', 'home')).of('1')).toThrow(Inexpressible);
  });

  it('list ours that are on, without that of gates itself', () => {
    const tokens = tokensOf(
      ...[token('1', 'ci', 'home'), token('2', 'old', 'home', false), token('3', 'probe', 'home')],
      token('4', 'theirs', 'work'),
    );
    expect(tokens.own).toEqual(['ci']);
    expect(() => tokens.of('2')).toThrow('disabled');
  });
});

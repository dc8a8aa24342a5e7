import { describe, expect, it } from 'vitest';
import { pathText, quoted } from '../../../src/config/mistakes/finding.ts';
import { didYouMean } from '../../../src/config/mistakes/suggestion.ts';

describe('words in a message', () => {
  it('name a path as people would write it', () => {
    expect(pathText(['services', 'auth-api', 'paths', '/a/**', 'x', 0])).toBe(
      'services.auth-api.paths["/a/**"].x[0]',
    );
    expect(pathText([])).toBe('');
  });

  it('quote a value, and shorten it', () => {
    expect(quoted('a"b')).toBe('"a\\"b"');
    expect(quoted('x'.repeat(500))).toHaveLength(78);
    expect(quoted(3)).toBe('3');
  });

  it.each<[string, string | undefined, string]>([
    ['grafanna', 'did you mean "grafana"?', 'one letter too many'],
    ['Vault', 'did you mean "vault"?', 'another case'],
    ['x', undefined, 'near to none'],
    ['completely', undefined, 'near to none'],
    ['v'.repeat(1000), undefined, 'nobody mistypes so long a word'],
  ])('%s: %s, because it is %s', (word, said) => {
    expect(didYouMean(word, ['grafana', 'vault', 'docs'])).toBe(said);
  });
});

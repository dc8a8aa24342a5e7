import { list, object, type Schema } from './schema-document.ts';
import { at, type KnownError, withMissing } from './schema-known-error.ts';

const KEY_MEMBERS = ['kid', 'kty', 'alg', 'n', 'e', 'crv', 'x', 'y', 'k'];

/** The errors of the document about rulesets and API Shield. */
export const shieldErrors: readonly KnownError[] = [
  {
    id: 'computed fields of a ruleset',
    reason:
      'the document demands id, version and last_updated in bodies of rulesets and rules, but the server computes them (facts §0)',
    side: 'request',
    operations: / .*\/rulesets/,
    mend: ({ body }) =>
      ['id', 'version', 'last_updated', 'rules.*.version', 'rules.*.last_updated'].reduce(
        (mended, path) =>
          withMissing(mended, path, path.endsWith('last_updated') ? '2026-01-01T00:00:00Z' : '1'),
        body,
      ),
  },
  {
    id: 'more than four keys',
    reason: 'a configuration has up to 16 keys since August 2026 (facts §0, §6)',
    side: 'reply',
    operations: /\/token_validation\/config/,
    repair: upToSixteen,
  },
  {
    id: 'more than four keys to write',
    reason: 'the same for requests',
    side: 'request',
    operations: /\/token_validation\/config/,
    repair: upToSixteen,
  },
  {
    id: 'keys that are not kept',
    reason:
      'the API accepts complete key sets and drops unsupported parts: keys, members, a missing alg of RSA (facts §6)',
    side: 'request',
    operations: /\/token_validation\/config/,
    mend: ({ body, reply }) => {
      const copy: unknown = structuredClone(body);
      const kept = list(object(reply).keys ?? object(object(object(reply).result).credentials).keys);
      for (const path of ['keys', 'credentials.keys']) {
        at(copy, path.split('.'), (holder, key) => {
          if (holder[key] !== undefined) holder[key] = asKept(list(holder[key]), kept);
        });
      }
      return copy;
    },
  },
  {
    id: 'token type in lower case',
    reason: 'the documentation sends "jwt" (facts §6); the document knows only "JWT"',
    side: 'request',
    operations: /^POST .*\/token_validation\/config$/,
    mend: ({ body }) => ({ ...object(body), token_type: String(object(body).token_type).toUpperCase() }),
  },
  {
    id: 'variables in a host',
    reason:
      'hosts of saved endpoints may have variables (Endpoint Management); the document knows only hostnames',
    side: 'reply',
    operations: /\/api_gateway\/operations/,
    mend: ({ body }) => withoutBraces(body, ['result.host', 'result.*.host']),
  },
  {
    id: 'variables in a host to save',
    reason: 'the same for requests',
    side: 'request',
    operations: /\/api_gateway\/operations/,
    mend: ({ body }) => withoutBraces(body, ['host', '*.host']),
  },
];

function upToSixteen(schema: Schema): Schema {
  const isKeys = schema.maxItems === 4 && JSON.stringify(schema.items).includes('JWT-Key');
  return isKeys ? { ...schema, maxItems: 16 } : schema;
}

function asKept(given: readonly unknown[], kept: readonly unknown[]): unknown[] {
  return given.flatMap((each) => {
    const key = { alg: 'RS256', ...object(each) };
    if (!kept.some((other) => object(other).kid === object(key).kid && object(other).alg === key.alg))
      return [];
    return [Object.fromEntries(Object.entries(key).filter(([name]) => KEY_MEMBERS.includes(name)))];
  });
}

function withoutBraces(body: unknown, paths: readonly string[]): unknown {
  const copy: unknown = structuredClone(body);
  for (const path of paths) {
    at(copy, path.split('.'), (holder, key) => {
      if (typeof holder[key] === 'string') holder[key] = holder[key].replace(/[{}]/g, '');
    });
  }
  return copy;
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';
import type { AuthentikVersion } from '../../../src/sandbox/index.ts';
import { type Contract, contractWith } from '../schema.ts';
import { documentOf, type OfficialDocument } from '../schema-document.ts';
import { KNOWN_ERRORS, RELEASE_DIFFERENCES, UNANNOUNCED } from './known-errors.ts';

const require = createRequire(import.meta.url);
let parsed: OfficialDocument | null = null;

/** Authentik's own OpenAPI document, of 2026.8.3, out of its client package. */
export function authentikDocument(): OfficialDocument {
  const file = require.resolve('@goauthentik/api/schema.yml');
  parsed ??= documentOf(parse(readFileSync(file, 'utf8')));
  return parsed;
}

/** The contract of a release: what the newest document says, less what is known to be wrong or newer. */
export function authentikContract(version: AuthentikVersion = '2026.8'): Contract {
  return contractWith({
    document: authentikDocument(),
    base: '/api/v3',
    knownErrors: [
      ...KNOWN_ERRORS,
      ...RELEASE_DIFFERENCES.filter(({ in: releases }) => releases.includes(version)),
    ],
    // A stranger is told nothing of what there is.
    isUnrouted: ({ status, received }) =>
      status === 403 || status === 405 || (status === 404 && received.startsWith('<!DOCTYPE')),
    unannounced: ({ status }) => UNANNOUNCED.find((known) => known.status === status)?.id ?? null,
  });
}

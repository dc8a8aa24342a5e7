import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';
import { authentikRoutes } from '../../../../src/lab/sandbox/authentik/index.ts';
import type { AuthentikChoice } from '../../../../src/lab/sandbox/index.ts';
import { type Contract, contractWith } from '../schema.ts';
import { documentOf, type OfficialDocument } from '../schema-document.ts';
import { KNOWN_ERRORS, RELEASE_DIFFERENCES, UNANNOUNCED } from './known-errors.ts';

const require = createRequire(import.meta.url);
let parsed: OfficialDocument | null = null;

/** The played part of Authentik's own OpenAPI document, of 2026.8.3, from its client package. */
function authentikDocument(): OfficialDocument {
  parsed ??= documentOf(
    parse(relevantPart(readFileSync(require.resolve('@goauthentik/api/schema.yml'), 'utf8'))),
  );
  return parsed;
}

/**
 * The paths that the sandbox serves, and the components that they need. Parsing and compiling all of it would take each
 * test file two seconds.
 */
function relevantPart(text: string): string {
  const [before = '', after = ''] = text.split(/^components:\n/m);
  const [others = '', schemas = ''] = after.split(/^ {2}schemas:\n/m);
  const served = new Set(authentikRoutes.map(([, pattern]) => pattern));
  const paths = [...blocksOf(before, 2)].filter(([name]) => served.has(name)).map(([, block]) => block);
  const components = blocksOf(schemas, 4);
  const needed = new Map<string, string>();
  const visit = (block: string): void => {
    for (const [, name = ''] of block.matchAll(/#\/components\/schemas\/(\w+)/g)) {
      const found = components.get(name);
      if (found === undefined || needed.has(name)) continue;
      needed.set(name, found);
      visit(found);
    }
  };
  for (const block of [...paths, others]) visit(block);
  return `paths:\n${paths.join('')}components:\n${others}  schemas:\n${[...needed.values()].join('')}`;
}

/** The members of a YAML map at this indentation, as text. */
function blocksOf(text: string, indent: number): Map<string, string> {
  const head = new RegExp(`^ {${indent}}([^\\s:]+):`);
  const further = new RegExp(`^ {0,${indent - 1}}\\S`);
  const blocks = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    name = head.exec(line)?.[1] ?? (further.test(line) ? '' : name);
    if (name !== '') blocks.set(name, `${blocks.get(name) ?? ''}${line}\n`);
  }
  return blocks;
}

/** The contract of a release: the newest document, without its known errors and its newer parts. */
export function authentikContract(version: AuthentikChoice = '2026.8'): Contract {
  return contractWith({
    document: authentikDocument(),
    base: '/api/v3',
    knownErrors: [
      ...KNOWN_ERRORS,
      ...RELEASE_DIFFERENCES.filter(({ in: releases }) => releases.includes(version)),
    ],
    // A stranger gets no information about existing objects.
    isUnrouted: ({ status, received }) =>
      status === 403 || status === 405 || (status === 404 && received.startsWith('<!DOCTYPE')),
    unannounced: ({ status }) => UNANNOUNCED.find((known) => known.status === status)?.id ?? null,
  });
}

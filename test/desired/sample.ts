import type { Config } from '../../src/config/model/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Desired, DesiredObject } from '../../src/core/objects/object.ts';
import { compile } from '../../src/desired/compile.ts';

/** The compiled objects of {@link configOf}. */
export function compileFile(...parts: Parameters<typeof configOf>): Desired {
  return compile(configOf(...parts));
}

/**
 * The config of a file around the part that a test needs; `top` goes next to `services`, `access` into its block, and
 * `origins` next to the existing origin.
 */
export function configOf(services: string, top = '', access = '', origins = ''): Config {
  const indented = (text: string) => text.replaceAll(/^(?=.)/gm, '  ');
  const text = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example${access} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80", forwardAuth: true }
${indented(origins)}
serviceTokens: { ci: { duration: 8760h }, backup: {} }
services:
${indented(services)}
${top}
`;
  const read = parseConfig(text);
  if (!read.ok) throw new Error(read.mistakes.map(({ message, line }) => `${line}: ${message}`).join('\n'));
  return read.parsed.config;
}

/** The keys of one kind: Cloudflare kinds by their own name, `ingress-rule`, others in full, `authentik/binding`. */
export function keysOf(desired: Desired, kind: string): readonly string[] {
  return desired.objects
    .filter((object) => object.address.kind === inFull(kind))
    .map((object) => object.address.key);
}

export function find(desired: Desired, kind: string, key: string): DesiredObject | undefined {
  return desired.objects.find((object) => object.address.kind === inFull(kind) && object.address.key === key);
}

function inFull(kind: string): string {
  return kind.includes('/') ? kind : `cloudflare/${kind}`;
}

import { describe, expect, it } from 'vitest';
import type { GatesFile } from '../../../schema/generated/config.ts';
import { fileText } from '../../../src/import/text/file-text.ts';

const mail = ['me@example.dev', 'you@example.dev', 'somebody-else@example.dev'];

const empty = { headings: new Map(), recordSources: new Map(), hosts: new Map(), recordIds: new Map() };

function textOf(services: NonNullable<GatesFile['services']>): string {
  const file = { version: 1, owner: 'home', services } as unknown as GatesFile;
  return fileText({ file, sources: new Map(), leftovers: [], ...empty });
}

describe('the text of an imported file', () => {
  it('has a short gate on one line', () => {
    const gate = { cloudflare: { emails: ['me@example.dev'] } };
    expect(textOf({ a: { host: 'a.example.dev', origin: 'app', gate } })).toContain(
      '    gate: { cloudflare: { emails: [me@example.dev] } }\n',
    );
  });

  it('has a line for each entry of a gate that fits on no line, and no anchors', () => {
    const rule = { emails: mail, require: { countries: ['FR'] } };
    const gate = { cloudflare: { anyOf: [rule, { ...rule, require: { countries: ['BE'] } }] } };
    expect(
      textOf({ a: { host: 'a.example.dev', origin: 'app', gate, paths: { '/x': gate } } }),
    ).toMatchInlineSnapshot(`
      "# yaml-language-server: $schema=./gates.schema.json

      version: 1
      owner: home

      services:
        a:
          host: a.example.dev
          origin: app
          gate:
            cloudflare:
              anyOf:
                - emails: [me@example.dev, you@example.dev, somebody-else@example.dev]
                  require: { countries: [FR] }
                - emails: [me@example.dev, you@example.dev, somebody-else@example.dev]
                  require: { countries: [BE] }
          paths:
            /x:
              cloudflare:
                anyOf:
                  - emails: [me@example.dev, you@example.dev, somebody-else@example.dev]
                    require: { countries: [FR] }
                  - emails: [me@example.dev, you@example.dev, somebody-else@example.dev]
                    require: { countries: [BE] }
      "
    `);
  });
});

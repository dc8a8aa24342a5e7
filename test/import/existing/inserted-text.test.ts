import { describe, expect, it } from 'vitest';
import { type Addition, insertedText } from '../../../src/import/existing/inserted-text.ts';

const gate = { public: { reason: 'test' } };
const b: Addition = {
  path: ['services'],
  entries: { b: { host: 'b.example.dev', origin: 'app', gate } },
  comments: ['# left as it is: c'],
};
const sources = new Map([['services/b', 'tunnel homelab']]);
const inserted = (text: string, addition: Addition) => insertedText(text, addition, sources);

describe('entries that are added to a text', () => {
  it('go below the last entry and its comments, in the indentation of the file', () => {
    const text = `version: 1
services:
    # mine
    a:
        host: a.example.dev   # the first
        gate: { public: {} }
        # paths: later

    # that is all

# the end of the services
groups: {}
`;
    expect(inserted(text, b)).toBe(
      text.replace(
        '    # that is all\n',
        `    # that is all
    # tunnel homelab
    b:
        host: b.example.dev
        origin: app
        gate: { public: { reason: test } }
    # left as it is: c
`,
      ),
    );
  });

  it('are apart by a blank line if those of the file are', () => {
    const text = 'services:\n  a: { host: a }\n\n  z:\n    host: z\nowner: home\n';
    expect(inserted(text, { path: ['services'], entries: { b: { host: 'b' } } })).toBe(
      'services:\n  a: { host: a }\n\n  z:\n    host: z\n\n  # tunnel homelab\n  b:\n    host: b\nowner: home\n',
    );
  });

  it.each([
    ['a map on one line', 'groups: { admins: {} } # ours\n', 'groups: { admins: {}, b: {} } # ours\n'],
    ['a map of several lines', 'groups: {\n  admins: {},\n}\n', 'groups: {\n  admins: {}, b: {},\n}\n'],
    ['keys without values', 'groups: { admins }\n', 'groups: { admins, b: {} }\n'],
    ['an empty map', 'groups: {}\n', 'groups: { b: {} }\n'],
    ['an empty map with a space', 'groups: {  }\n', 'groups: { b: {} }\n'],
    ['a key without a value', 'groups: # none\nowner: a\n', 'groups: # none\n  b: {}\nowner: a\n'],
    ['an anchor', 'groups: &g\n  admins: {}\n', 'groups: &g\n  admins: {}\n  b: {}\n'],
    ['no final line break', 'groups:\n  admins: {}', 'groups:\n  admins: {}\n  b: {}'],
    ['lines of Windows', 'groups:\r\n  a: {}\r\n', 'groups:\r\n  a: {}\r\n  b: {}\r\n'],
    ['a file without the section', 'owner: home\n', 'owner: home\ngroups:\n  b: {}\n'],
    ['a file in one map', '{ "owner": "home" }\n', '{ "owner": "home", groups: { b: {} } }\n'],
    ['an entry without a value', 'groups:\n  admins:\n', 'groups:\n  admins:\n  b: {}\n'],
    ['an end of the document', 'groups:\n  a: {}\n...\n', 'groups:\n  a: {}\n  b: {}\n...\n'],
  ])('go into %s', (_, text, result) => {
    expect(inserted(text, { path: ['groups'], entries: { b: {} } })).toBe(result);
  });

  it('replace the braces of an empty map, if they need lines of their own', () => {
    expect(inserted('owner: home\nservices: {} # none yet\ndns: {}\n', b)).toMatchInlineSnapshot(`
      "owner: home
      services: # none yet
        # tunnel homelab
        b:
          host: b.example.dev
          origin: app
          gate: { public: { reason: test } }
        # left as it is: c
      dns: {}
      "
    `);
  });

  it('go below a path of which a part exists', () => {
    const domains: Addition = {
      path: ['authentik', 'domains'],
      entries: { 'example.dev': { groups: ['admins'] } },
    };
    expect(inserted('authentik:\n  url: http://a\nowner: home\n', domains)).toMatchInlineSnapshot(`
      "authentik:
        url: http://a
        domains:
          example.dev:
            groups: [admins]
      owner: home
      "
    `);
    expect(inserted('authentik: { url: "http://a" }\n', domains)).toMatchInlineSnapshot(`
      "authentik: { url: "http://a", domains: { example.dev: { groups: [admins] } } }
      "
    `);
  });

  it('go into a list, and below a block of text', () => {
    const record = { name: 'www', type: 'TXT', content: 'a, b' };
    const records: Addition = { path: ['dns', 'example.dev'], entries: [record] };
    expect(
      inserted('dns:\n  example.dev:\n  - name: a\n    content: |\n      text\n\nowner: home\n', records),
    ).toMatchInlineSnapshot(`
      "dns:
        example.dev:
        - name: a
          content: |
            text
        - { name: www, type: TXT, content: "a, b" }

      owner: home
      "
    `);
    expect(inserted('dns:\n  example.dev: [{ name: a }]\n', records)).toMatchInlineSnapshot(`
      "dns:
        example.dev: [{ name: a }, { name: www, type: TXT, content: "a, b" }]
      "
    `);
  });

  it('are refused where an alias stands', () => {
    const text = 'groups: &g { admins: {} }\nservices: *g\n';
    expect(() => inserted(text, b)).toThrow('`services` of the file is written in a way');
  });

  it('are refused where they would also be read elsewhere', () => {
    const text = 'services: &g\n  a: {}\ngroups: *g\n';
    expect(() => inserted(text, b)).toThrow('`services` of the file is written in a way');
  });
});

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { outline } from '../../schema/generated/validate.js';
import { SHARED } from '../lab/sandbox/schema-document.ts';

const official = path.join(SHARED, 'openapi/cloudflare.json');

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The names of a table in docs/access.md, each with the text beside it. */
function rulesOfTable(title = 'Every rule of Access'): readonly (readonly [rule: string, key: string])[] {
  const [, below = ''] = readFileSync('docs/access.md', 'utf8').split(`## ${title}\n`);
  const [table = ''] = below.split('\n## ');
  const rows = [...table.matchAll(/^\| (`.+?`) \| (.+) \|$/gm)];
  return rows.flatMap(([, rules = '', key = '']) =>
    [...rules.matchAll(/`([^`]+)`/g)].map(([, rule = '']) => [rule, key] as const),
  );
}

describe('the table of the rules of Access', () => {
  it('has every rule of the official schema, and no other', (context) => {
    if (!existsSync(official)) {
      context.skip(`openapi/cloudflare.json is not in ${SHARED}: set GATES_SHARED to the folder that has it`);
    }
    const { schemas } = JSON.parse(readFileSync(official, 'utf8')).components as {
      schemas: Readonly<Record<string, Schema>>;
    };
    const rules = (schemas.access_rule?.anyOf ?? []).flatMap(({ $ref = '' }) =>
      Object.keys(schemas[$ref.replace('#/components/schemas/', '')]?.properties ?? {}),
    );
    expect(rules.length).toBeGreaterThan(20);
    expect(
      rulesOfTable()
        .map(([rule]) => rule)
        .sort(),
    ).toEqual(rules.sort());
  });

  it('names keys that the file has, or says why there is none', () => {
    const { accessRule, accessConditions } = outline.$defs;
    const keys = new Set(
      [accessRule, accessConditions].flatMap((shape) => Object.keys(shape?.properties ?? {})),
    );
    const wrong = rulesOfTable().filter(([, text]) => {
      if (text.startsWith('not supported: ')) return false;
      const [named = ''] = text.split(', with ');
      return [...named.matchAll(/`([^`]+)`/g)].some(([, key = '']) => !keys.has(key)) || !named.includes('`');
    });
    expect(wrong).toEqual([]);
  });
});

describe('the table of the settings of a policy', () => {
  it('has every setting of the official schema, and no other', (context) => {
    if (!existsSync(official)) {
      context.skip(`openapi/cloudflare.json is not in ${SHARED}: set GATES_SHARED to the folder that has it`);
    }
    const { schemas } = JSON.parse(readFileSync(official, 'utf8')).components as {
      schemas: Readonly<Record<string, Schema>>;
    };
    const settings = Object.keys(schemas.access_policy_req?.properties ?? {});
    expect(settings.length).toBeGreaterThan(5);
    expect(
      rulesOfTable('Every setting of a policy')
        .map(([setting]) => setting)
        .sort(),
    ).toEqual(settings.sort());
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { RejectedError } from '../../../src/core/errors.ts';
import { liveFindings } from '../../../src/findings/live-findings.ts';
import { findingQuestions } from '../../../src/findings/questions.ts';
import { LiveObjects } from '../../../src/import/terms/live-objects.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { findingRuleIds } from '../../../src/report/findings/finding-rules.ts';
import { readFrom } from '../import/imported.ts';
import { newDisk } from '../stage/disk.ts';
import { namesOf } from './found-faults.ts';
import { healthyHome } from './healthy-home.ts';
import { Saboteur } from './saboteur.ts';

let read: Awaited<ReturnType<typeof readFrom>>;

beforeAll(async () => {
  const home = await healthyHome();
  const saboteur = new Saboteur(home.sandbox);
  await saboteur.addToken('forgotten', '8760h');
  await saboteur.addRecord('lost.example.dev');
  await saboteur.addProvider('orphan', 'orphan.example.dev', { alone: true });
  read = await readFrom(home);
});

const planted = [
  'provider-without-application: proxy provider orphan',
  'name-without-rule: DNS record CNAME lost.example.dev',
  'unused-token: service token forgotten',
];

/** The findings of a home of which one kind could not be read. */
function without(kind: string) {
  const { found, reach } = read;
  const observed = found.live.observed.map((each) =>
    each.kind === kind
      ? ({ kind: each.kind, state: 'unknown', error: new RejectedError('no permission') } as const)
      : each,
  );
  return liveFindings({ ...found, live: new LiveObjects(found.live.scope, observed) }, reach, {
    file: 'none',
  });
}

describe('a kind that could not be read', () => {
  const kinds = [...new Set(findingQuestions.flatMap(({ reads }) => reads))];

  it.each(kinds)(
    '%s is named with each rule that needs it, and none of these rules has a finding',
    (kind) => {
      const document = without(kind);
      const named = document.unanswered.filter(({ reason }) =>
        reason.includes(`${kind} could not be read: no permission`),
      );
      const rules = new Set(named.flatMap((each) => each.rules));
      const needing = findingQuestions
        .filter(({ reads }) => reads.includes(kind))
        .flatMap((each) => each.rules);
      expect([...rules].sort()).toEqual([...needing].sort());
      expect(document.findings.filter(({ rule }) => rules.has(rule))).toEqual([]);
    },
  );

  it('leaves the findings of the other kinds', () => {
    expect(namesOf(without('cloudflare/organization'))).toEqual(expect.arrayContaining(planted));
    expect(namesOf(without('cloudflare/service-token'))).toEqual(expect.arrayContaining(planted.slice(0, 2)));
  });
});

it('a token that does not list every application answers no question about them', () => {
  const { found, reach } = read;
  const document = liveFindings({ ...found, listsEveryApplication: false }, reach, { file: 'none' });
  expect(namesOf(document)).not.toContain(planted[0]);
  const rules = document.unanswered.flatMap((each) => each.rules);
  expect(rules).toContain('provider-without-application');
  expect(document.unanswered[0]?.reason).toContain('superuser');
});

it('each rule belongs to exactly one question', () => {
  const asked = findingQuestions.flatMap(({ rules }) => rules);
  expect([...asked].sort()).toEqual([...findingRuleIds].sort());
});

it('a zone that is not asked for has no findings', async () => {
  const sandbox = await createSandbox({ zones: ['example.org', 'example.dev'] });
  const saboteur = new Saboteur(sandbox);
  await saboteur.addRecord('lost.example.org');
  await saboteur.addApplication('gone.example.org');
  const namesIn = async (...zones: readonly string[]) => {
    const { found, reach } = await readFrom({ sandbox, disk: newDisk() }, zones);
    return namesOf(liveFindings(found, reach, { file: 'none' }));
  };
  expect(await namesIn('example.dev')).toEqual([]);
  expect(await namesIn('example.dev', 'example.org')).toEqual([
    'name-without-rule: DNS record CNAME lost.example.org',
    'application-without-host: Access application App of gone.example.org',
  ]);
});

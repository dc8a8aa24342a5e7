import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/change.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import { planMarkerOf } from '../../../src/core/record/plan-comment.ts';
import type { HostStory } from '../../../src/report/plan/host-stories.ts';
import { formatPlanMarkdown, type PlanMarkdownOptions } from '../../../src/report/plan/plan-markdown.ts';
import { gate, live, name, planOf, route, thing, want } from '../../plan/support/fakes.ts';
import { anyCharacter } from '../../support/any-character.ts';
import { storyOf } from '../door-stories.ts';

const host = 'a.example.dev';
const asIs = (text: string) => text;

function markdown(plan: Plan, options: Partial<PlanMarkdownOptions> = {}): string {
  return formatPlanMarkdown(plan, { doors: [], redact: asIs, quiet: false, ...options });
}

/** The lines that a forge reads as Markdown: those outside fenced blocks, by the rules of CommonMark. */
function outsideOfFences(text: string): readonly string[] {
  const outside: string[] = [];
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const run = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    const [, marks = '', rest = ''] = run ?? [];
    if (fence === undefined) {
      if (run !== null && !(marks.startsWith('`') && rest.includes('`'))) fence = marks;
      else outside.push(line);
    } else if (marks.startsWith(fence) && rest.trim() === '') fence = undefined;
  }
  expect(fence, 'a fence that nothing ends').toBeUndefined();
  return outside;
}

/** The allowed lines outside fences: our own words, with numbers. */
const ours = [
  /^$/,
  /^<!-- gates:plan:home -->$/,
  /^### Plan of gates for `home`$/,
  /^\*\*(Plan|Nothing to do): [\w ,;]+\.\*\*$/,
  /^\*\*Cut to fit a comment\*\*: [\w ,]+ are not shown\. `gates plan` shows all of it\.$/,
  /^\*\*(Refused: a person has to decide|Not read: everything that depends on it waits|Warnings)\*\*$/,
  /^\*\*Doors: who gets in now, and after each step that changes this\*\*$/,
  /^\*\*Rehearsed on a copy of what is there now: (nobody is exposed|do not apply this plan)\*\*$/,
  /^<\/?details>$/,
  /^<summary>Steps, in the order in which they are done \(\d+\)<\/summary>$/,
];

function expectOnlyOurWords(text: string): void {
  expect(outsideOfFences(text).filter((line) => !ours.some((form) => form.test(line)))).toEqual([]);
}

/** A plan with the text in every place that can hold foreign text. */
function planWith(text: string): Plan {
  const wants = [
    want(gate, text, { host: text, admits: [text] }, { because: text }),
    want(route, 'r', { host: text, via: text, to: text, gate: ref(`cloudflare/gate:${text}`) }),
    want(name, 'n', { host: text, target: text }),
    want(thing, `${text} theirs`, { value: text }),
  ];
  const lives = [
    live(name, 'n', { host: text, target: `${text} before` }),
    live(thing, `${text} theirs`, { value: 'v' }, { owner: text }),
    live(thing, `${text} gone`, { value: text }),
  ];
  const plan = planOf(wants, lives);
  const changes = plan.changes.map((change) => ({ ...change, reason: text }));
  return { ...plan, changes, warnings: [text], unknown: [{ kind: text, reason: text }] };
}

/** Doors with the text in every place that can hold foreign text. */
function doorsWith(text: string): readonly HostStory[] {
  const moments = [0, 1].map((step) => ({ step, admits: [text, `${step}`], to: [`${text} ${step}`] }));
  return [{ host: text, doors: [{ method: text, paths: [text], moments }] }];
}

describe('a plan as a comment', () => {
  it('contains the summary, the decisions for a person, the doors, and the folded steps', () => {
    const wants = [
      want(gate, 'g', { host, admits: ['me'] }),
      want(route, 'r', { host, via: 'homelab', to: 'app', gate: ref('cloudflare/gate:g') }),
      want(name, 'n', { host, target: 'new' }),
      want(thing, 'theirs', { value: 'v' }),
      want(thing, 'waits', { value: ref('cloudflare/thing:theirs') }, { because: 'services.waits' }),
      want(thing, 'same', { value: 'v' }),
    ];
    const lives = [
      live(name, 'n', { host, target: 'old' }),
      live(thing, 'theirs', { value: 'v' }, { owner: 'work' }),
      live(thing, 'same', { value: 'v' }),
      live(thing, 'gone', { value: 'v' }),
    ];
    const plan = { ...planOf(wants, lives), warnings: ['`notify` is not built'] };
    const doors = [storyOf(host, [0, 'nobody'], [2, 'me@example.dev'])];
    expect(markdown(plan, { doors })).toMatchInlineSnapshot(`
      "<!-- gates:plan:home -->
      ### Plan of gates for \`home\`

      **Plan: 3 to create, 1 to update, 1 to remove, 1 refused; 1 unchanged.**

      **Refused: a person has to decide**

      \`\`\`diff
      ! cloudflare/thing theirs  (services.theirs)
          because it belongs to "work": change owner there, or leave it to that file
      \`\`\`

      **Warnings**

      \`\`\`text
        \`notify\` is not built
      \`\`\`

      **Doors: who gets in now, and after each step that changes this**

      \`\`\`text
        a.example.dev
            now      nobody
            step 2   me@example.dev
      \`\`\`

      <details>
      <summary>Steps, in the order in which they are done (5)</summary>

      \`\`\`diff
      # Prepare: no host opens or closes here
      + create cloudflare/thing waits  (services.waits)
      +     value: thing-theirs
            waits for: refuse cloudflare/thing theirs
      # Guard: gates exist before anything routes to them
      + 1 create cloudflare/gate g  (services.g)
      +     host: a.example.dev
      # Open: routes, then names
      + 2 create cloudflare/route r  (services.r)
      +     host: a.example.dev
      +     via: homelab
      +     to: app
      +     gate: <known after apply: gate g>
      ~ 3 update cloudflare/name n  (services.n)
      ~     target: old → new
      # Clean up
      - 4 prune cloudflare/thing gone
      \`\`\`

      </details>
      "
    `);
  });

  it('is short if there is nothing to do, and quiet on request', () => {
    const still = planOf([want(thing, 'a', { value: 'v' })], [live(thing, 'a', { value: 'v' })]);
    expect(markdown(still)).toBe(
      '<!-- gates:plan:home -->\n### Plan of gates for `home`\n\n**Nothing to do: 1 unchanged.**\n',
    );
    expect(markdown(planOf([want(thing, 'a', { value: 'v' })], []), { quiet: true })).not.toContain(
      '<details>',
    );
  });

  it('lists unreadable kinds, and once why neighbors are refused', () => {
    const blind = planOf([], [live(route, 'r', { host, via: 't', to: 'x' })], {
      unknown: gate.kind,
      prune: false,
    });
    expect(markdown(blind)).toMatch(
      /\*\*Not read: .*\n\n```text\n {2}unknown: cloudflare\/gate could not be read: 403/,
    );
    const plan = planOf([], [live(thing, 'a', { value: 'v' }), live(thing, 'b', { value: 'v' })]);
    const refused = plan.changes.map((change) => ({
      ...change,
      verb: 'refuse' as const,
      reason: 'too many',
    }));
    expect(markdown({ ...plan, changes: refused }).match(/because too many/g)).toHaveLength(1);
  });

  it('contains the result of a rehearsal', () => {
    const rehearsal = {
      seed: 7,
      tried: 10,
      possible: 10,
      writes: 2,
      reads: 3,
      judged: 4,
      originsTried: 'as described' as const,
      unplayed: ['</code> @all'],
      unread: [],
      standing: [],
      holes: [],
      unfinished: [],
    };
    const text = markdown(planOf([want(thing, 'a', { value: 'v' })], []), { rehearsal });
    expectOnlyOurWords(text);
    expect(text).toContain('**Rehearsed on a copy of what is there now: nobody is exposed**\n\n```text\n');
    expect(text).toContain('all 10 ways tried (seed 7)');
    const unsafe = { ...rehearsal, unfinished: [{ change: 'c', trouble: 't' }] } as typeof rehearsal;
    expect(markdown(planOf([want(thing, 'a', { value: 'v' })], []), { rehearsal: unsafe })).toContain(
      'do not apply this plan**',
    );
    const unread = { ...rehearsal, unread: rehearsal.unplayed } as unknown as typeof rehearsal;
    expect(markdown(planOf([want(thing, 'a', { value: 'v' })], []), { rehearsal: unread })).toContain(
      'not known who gets through**',
    );
  });
});

describe('foreign text in a comment', () => {
  const attacks = [
    { because: 'it would end the block', text: '\n```\n# hello' },
    { because: 'it would end a longer block', text: '````' },
    { because: 'it would end a block of tildes', text: '~~~' },
    { because: 'it names people', text: '@everyone @org/team' },
    { because: 'it leads somewhere', text: '[docs](https://evil.example) https://evil.example' },
    { because: 'it shows a picture that tells who looked', text: '![](https://evil.example/p.png)' },
    { because: 'it closes what is folded', text: '</details></pre></code><script>alert(1)</script>' },
    { because: 'GitLab would merge', text: '\n/merge\n/approve' },
    { because: 'it refers', text: 'fixes #1, !2, owner/repo#3' },
    { because: 'it would be the marker of another', text: '\n<!-- gates:plan:work -->\n' },
    { because: 'it ends the comment of the marker', text: '--> <b>' },
    { because: 'it reads backwards', text: 'a\u202Eb\u2066c\u200B' },
    { because: 'it ends a line in another way', text: 'a\u2028```\u2029```\r```\u0085```\u000b```' },
  ];

  it.each(attacks)('is always plain text: $because', ({ text }) => {
    const written = markdown(planWith(text), { doors: doorsWith(text) });
    expectOnlyOurWords(written);
    expect(written).not.toMatch(/[\p{Cf}\u2028\u2029\u0085\r]/u);
    // GitLab executes commands at the beginning of lines, in any block.
    expect(written).not.toMatch(/^\//m);
    expect(planMarkerOf(written)).toBe('<!-- gates:plan:home -->');
  });

  it('is always plain text, whatever its content', () => {
    const pieces = fc.oneof(
      fc.constantFrom(
        '`',
        '```',
        '~~~',
        '\n',
        '\r',
        '    ',
        '@a',
        '<!--',
        '-->',
        '</details>',
        '|',
        '\\',
        '/merge',
      ),
      fc.string({ unit: anyCharacter, maxLength: 6 }),
    );
    const texts = fc.array(pieces, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const written = markdown(planWith(text), { doors: doorsWith(text) });
        expectOnlyOurWords(written);
        expect(written).not.toMatch(/^\//m);
        expect(planMarkerOf(written)).toBe('<!-- gates:plan:home -->');
      }),
      { numRuns: 300 },
    );
  });

  it('is redacted before it is cut or broken, so that no part of a secret is left', () => {
    const secret = `s3cr3t ${'x'.repeat(390)} ending`;
    const redact = (text: string) => text.replaceAll(secret, '[redacted]');
    const written = markdown(planWith(`before ${secret}`), {
      redact,
      doors: doorsWith(`before ${secret}`),
    });
    expect(written).toContain('[redacted]');
    expect(written).not.toMatch(/s3cr3t|xxx|ending/);
  });
});

describe('the size limit of a comment', () => {
  const most = 65_536;
  const many = (count: number, value: string) =>
    planOf(
      Array.from({ length: count }, (_, index) => want(thing, `thing-${index}`, { value })),
      [],
    );

  it('is kept, and the comment says what was cut', () => {
    const written = markdown(many(2_000, 'v'.repeat(60)));
    expect(Buffer.byteLength(written)).toBeLessThan(most);
    const [, cut] = /\*\*Cut to fit a comment\*\*: (\d+) of 2000 steps are not shown/.exec(written) ?? [];
    expect(written.match(/^\+ \d+ create/gm)).toHaveLength(2_000 - Number(cut));
    expectOnlyOurWords(written);
  });

  it('is kept for text with more bytes than characters, and lines are bounded', () => {
    const written = markdown(many(400, '😀'.repeat(1_000)));
    expect(Buffer.byteLength(written)).toBeLessThan(most);
    expect(written).toContain('more characters)');
  });

  it('leaves room for the doors, whatever is refused or warned about', () => {
    const long = 'word '.repeat(1_000);
    const doors = [0, 1, 2].map((index) => storyOf(`h${index}.example.dev`, [0, 'nobody'], [1, 'everybody']));
    const plan = planOf([], []);
    const refused = many(300, 'v').changes.map((change) => ({
      ...change,
      verb: 'refuse' as const,
      reason: `${change.id} ${long}`,
    }));
    const warnings = Array.from({ length: 300 }, (_, index) => `${index} ${long}`);
    const written = markdown({ ...plan, changes: [...plan.changes, ...refused], warnings }, { doors });
    expect(Buffer.byteLength(written)).toBeLessThan(most);
    for (const index of [0, 1, 2]) expect(written).toContain(`  h${index}.example.dev\n`);
    expect(written).toMatch(/\d+ of 300 refused, \d+ of 300 warnings are not shown/);
    expectOnlyOurWords(written);
  });

  it('is kept for any plan', () => {
    fc.assert(
      fc.property(
        fc.nat(60),
        fc.nat(1_500),
        fc.constantFrom('a', '`', 'é', '😀'),
        (count, length, letter) => {
          const plan = many(count, letter.repeat(length));
          const warnings = Array.from({ length: count }, () => letter.repeat(length));
          const written = markdown({ ...plan, warnings });
          expect(Buffer.byteLength(written)).toBeLessThan(most);
          expectOnlyOurWords(written);
        },
      ),
      { numRuns: 12 },
    );
  });
});

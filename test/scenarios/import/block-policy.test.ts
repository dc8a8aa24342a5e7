import { expect, it } from 'vitest';
import { pendingIn } from '../adopting/adopted.ts';
import { accessHost, type HandMade, handMadeHome } from '../homes/hand-made-home.ts';
import { runCommand, unfinished } from '../stage/stage.ts';
import { importedFrom } from './imported.ts';

const [friend, blocked] = ['friend@example.net', 'blocked@example.net'];

/** Admits all of example.net at the host of Access, except for one person whom a Block policy refuses first. */
async function blockOne({ edit, state, sandbox }: HandMade): Promise<void> {
  const access = `/accounts/${sandbox.accountId}/access`;
  const [{ id: ours = '' } = {}] = (await state()).policies;
  const allow = { name: 'All', decision: 'allow', include: [{ email_domain: { domain: 'example.net' } }] };
  await edit('cloudflare', 'PUT', `${access}/policies/${ours}`, allow);
  const { id } = await edit('cloudflare', 'POST', `${access}/policies`, {
    name: 'Not that one',
    decision: 'deny',
    include: [{ email: { email: blocked } }],
  });
  const application = `${access}/apps/${(await state()).apps[0]?.id}`;
  const live = (await edit('cloudflare', 'GET', application)) as unknown as object;
  const policies = [id, ours].map((each, index) => ({ id: each, precedence: index + 1 }));
  await edit('cloudflare', 'PUT', application, { ...live, policies });
}

it('an imported Block policy refuses the same person once it is adopted, and leaves nothing to plan', async () => {
  const home = await handMadeHome({ policy: 'reusable' });
  await blockOne(home);
  const { text, draft } = await importedFrom(home);
  expect(draft.leftovers).toEqual([]);
  expect(text).toContain(`domains: [example.net]`);
  expect(text).toContain(`exclude: { emails: [${blocked}] }`);
  const before = home.sandbox.exposures().length;
  const run = await runCommand('adopt', { ...home, text }, undefined);
  expect(unfinished(run.report)).toEqual([]);
  expect(pendingIn(await runCommand('plan', { ...home, text }, undefined))).toEqual([]);
  const exposed = home.sandbox.exposures().slice(before);
  expect(exposed.filter(({ principal }) => principal === blocked)).toEqual([]);
  const cookie = await home.login(accessHost, friend);
  expect(await home.visit(accessHost, cookie)).toBe('200 origin');
  await expect(home.login(accessHost, blocked)).rejects.toThrow();
});

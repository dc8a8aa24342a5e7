import { createHmac } from 'node:crypto';
import { expectAnswer, orderOf, pushed, showDoors } from './acts.ts';
import { callEdge } from './edge-visit.ts';
import type { Scene } from './scenes.ts';
import type { Stage } from './stage.ts';
import {
  hooksGuard,
  hooksHost,
  people,
  proxmoxAtAuthentik,
  proxmoxGuard,
  withHooks,
  withOneLogin,
} from './story.ts';
import { notAsTold } from './told.ts';

/** Milliseconds between two questions about a call, and how often it is asked. */
const PAUSE = 100;
const QUESTIONS = 50;

export const logInOnce: Scene = async (stage, narrator, tally) => {
  await narrator.scene('One login, whichever gate');
  const { repository, dashboard } = stage;
  await repository.write(withOneLogin(await repository.read()));
  await narrator.typed('git diff');
  narrator.quote(await repository.diff(0));
  const writes = await pushed(stage, narrator, tally, 'Log in at Authentik everywhere');
  await dashboard.guard([proxmoxGuard]);
  await narrator.say(`In this order: ${orderOf(writes)}.`);
  await narrator.say(
    'gates made the client in Authentik and the identity provider of Access, and told each of the other. The secret went by way of its vault alone: no file in git and no log has it.',
  );
  await showDoors(stage, narrator, [proxmoxAtAuthentik]);
  const { host } = proxmoxAtAuthentik;
  const outside = await stage.browse(proxmoxAtAuthentik, people.jo);
  expectAnswer(outside, '403 by Access', `${people.jo} at ${host}`);
  await narrator.say(
    `${people.me} logged in at Authentik once: the session that opens grafana.example.dev opens ${host}, which still is behind Access. ${people.jo} has an account, is in no group, and gets: ${outside}.`,
  );
};

export const callAnAction: Scene = async (stage, narrator, tally) => {
  await narrator.scene('A signed call starts what the file names');
  const { repository, dashboard, daemon } = stage;
  await repository.write(withHooks(await repository.read(), daemon.hooksUrl));
  await narrator.typed('git diff');
  narrator.quote(await repository.diff(0));
  await pushed(stage, narrator, tally, 'Let the CI start the backup');
  await dashboard.guard([hooksGuard]);
  const url = `https://${hooksHost}/hooks/actions/backup`;
  await narrator.typed(`curl -X POST ${url}`);
  const unsigned = await call(stage, 'POST', '{}', {});
  if (unsigned.status !== 401) throw notAsTold(`a call without a signature: ${unsigned.status}`);
  await narrator.say(`${unsigned.status}, from the daemon itself; gates saw that before it opened the host.`);
  await narrator.typed('curl "$url" -H "X-Gates-Signature: t=$time,v1=$hmac" -d "$body"');
  const body = '{"action":"backup"}';
  const signed = await call(stage, 'POST', body, signature(stage, body));
  const { id } = JSON.parse(signed.text) as { readonly id?: string };
  if (signed.status !== 202 || id === undefined) throw notAsTold(`a signed call: ${signed.status}`);
  narrator.quote([signed.text]);
  const end = await ended(stage, id);
  await narrator.say(
    `What it started stands in the file, whole. It is ${end.state}, and printed: ${end.output.trim()}`,
  );
};

interface Ended {
  readonly state: string;
  readonly output: string;
}

async function ended(stage: Stage, id: string): Promise<Ended> {
  for (let question = 0; question < QUESTIONS; question += 1) {
    const { text } = await call(stage, 'GET', '', signature(stage, ''), `/${id}`);
    const { state = '', output = '' } = JSON.parse(text) as Partial<Ended>;
    if (state === 'done') return { state, output };
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw notAsTold('the action did not end');
}

function call(
  stage: Stage,
  method: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  below = '',
): Promise<{ readonly status: number; readonly text: string }> {
  const visited = { host: hooksHost, path: `/hooks/actions/backup${below}` };
  return callEdge(stage.line.edge.url, visited, { method, body, headers });
}

function signature({ actionsSecret }: Stage, body: string): Readonly<Record<string, string>> {
  const time = Math.floor(Date.now() / 1000);
  const hash = createHmac('sha256', actionsSecret).update(`${time}.${body}`).digest('hex');
  return { 'x-gates-signature': `t=${time},v1=${hash}` };
}

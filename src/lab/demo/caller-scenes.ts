import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expectAnswer, orderOf, pushed, showDoors } from './acts.ts';
import { callEdge } from './edge-visit.ts';
import type { Scene } from './scenes.ts';
import type { DemoStage } from './stage.ts';
import {
  doors,
  hooksGuard,
  hooksHost,
  items,
  itemsGuard,
  people,
  proxmoxAtAuthentik,
  proxmoxGuard,
  withHooks,
  withItems,
  withOneLogin,
} from './story.ts';
import { notAsTold } from './told.ts';

/** Milliseconds between two questions about a call, and the number of questions. */
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

export const bringTokens: Scene = async (stage, narrator, tally) => {
  await narrator.scene('Machines bring tokens, and the edge checks them');
  const { repository, dashboard } = stage;
  const file = path.join(path.dirname(stage.delivered), 'items.env');
  await repository.write(withItems(await repository.read(), file));
  await narrator.typed('git diff');
  narrator.quote(await repository.diff(0));
  await dashboard.guard([itemsGuard]);
  await pushed(stage, narrator, tally, 'An API for machines');
  await narrator.say(
    'This zone has API Shield. Before the host was opened, gates asked without a token, with one that nobody signed, and for a path that is no operation, and was refused each time.',
  );
  const token = await tokenOf(stage, file);
  const rows: (readonly string[])[] = [];
  const show = async (shown: string, expected: string, at: string, headers: Record<string, string> = {}) => {
    const { answer } = await stage.visit({ host: items.host, path: at, anybody: expected }, headers);
    expectAnswer(answer, expected, `${shown} at ${at}`);
    rows.push([`GET ${at}`, shown, answer]);
  };
  const bearer = { authorization: `Bearer ${token}` };
  await show('no token', '403 by Cloudflare', items.path);
  await show("the client's token", '200 the service', items.path, bearer);
  await show('the same, changed', '403 by Cloudflare', items.path, {
    authorization: `${bearer.authorization}AA`,
  });
  await show("the client's token", '403 by Cloudflare', '/v1/others', bearer);
  await narrator.table(['at the edge', 'with', 'is answered'], rows);
};

/** A token as a machine gets one: at the login page, over the internet. */
async function tokenOf(stage: DemoStage, file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const value = (name: string) =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: value('ITEMS_CLIENT_ID'),
    client_secret: value('ITEMS_CLIENT_SECRET'),
  });
  const visited = { host: doors.auth.host, path: '/application/o/token/' };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const { status, text } = await callEdge(stage.line.edge.url, visited, {
    method: 'POST',
    body: body.toString(),
    headers,
  });
  const { access_token: token } = JSON.parse(text) as { readonly access_token?: string };
  if (token === undefined) throw notAsTold(`no token was given: ${status}`);
  return token;
}

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

async function ended(stage: DemoStage, id: string): Promise<Ended> {
  for (let question = 0; question < QUESTIONS; question += 1) {
    const { text } = await call(stage, 'GET', '', signature(stage, ''), `/${id}`);
    const { state = '', output = '' } = JSON.parse(text) as Partial<Ended>;
    if (state === 'done') return { state, output };
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw notAsTold('the action did not end');
}

function call(
  stage: DemoStage,
  method: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  below = '',
): Promise<{ readonly status: number; readonly text: string }> {
  const visited = { host: hooksHost, path: `/hooks/actions/backup${below}` };
  return callEdge(stage.line.edge.url, visited, { method, body, headers });
}

function signature({ actionsSecret }: DemoStage, body: string): Readonly<Record<string, string>> {
  const time = Math.floor(Date.now() / 1000);
  const hash = createHmac('sha256', actionsSecret).update(`${time}.${body}`).digest('hex');
  return { 'x-gates-signature': `t=${time},v1=${hash}` };
}

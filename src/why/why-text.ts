import { groupsClaim } from '../core/groups-claim.ts';
import { makePaint, type Paint } from '../report/screen/paint.ts';
import { paragraph, table } from '../report/screen/screen.ts';
import { unknownTexts } from './unknown-words.ts';
import type { ExplainedLayer, ExplainedObject, WhyDocument, WhyGround } from './why-document.ts';

export interface WhyTextOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** Prints only the verdict. */
  readonly quiet: boolean;
}

/** One row for each layer, in the order in which a request meets them, and the overall verdict. */
export function formatWhy(document: WhyDocument, { color, width, quiet }: WhyTextOptions): string {
  const paint = makePaint(color);
  if (quiet) return `${paragraph(verdictLine(document, paint), width).join('\n')}\n`;
  const end = verdictLines(document, paint).flatMap((line) => paragraph(line, width));
  const { host, path, method, visitor } = document;
  const methodText = method === 'GET' ? '' : `${method} `;
  const head = `${methodText}${paint.strong(`https://${host}${path}`)} for ${visitor}, ${groundWords(document)}`;
  const rows = document.layers.flatMap((layer) => rowsOf(layer, paint));
  const notes = groundNotes(document, width);
  return `${[...paragraph(head, width), '', ...table(rows, width), '', ...notes, ...end].join('\n')}\n`;
}

/** `as it is live`, `after step 4 of the plan` */
export function groundWords({ from, step }: WhyGround): string {
  if (from === 'plan') return `after step ${step} of the plan`;
  return from === 'live' ? 'as it is live' : 'as the file says';
}

export function groundNotes({ isOffline }: WhyGround, width: number): readonly string[] {
  if (!isOffline) return [];
  return paragraph(
    'From the file alone, without CLOUDFLARE_API_TOKEN: gates counts what the file does not have as absent.',
    width,
  );
}

function rowsOf(layer: ExplainedLayer, paint: Paint): readonly (readonly string[])[] {
  const texts = textsOf(layer, paint);
  const [first = ''] = texts;
  return [
    [paint.strong(layer.layer), verdictCell(layer, paint), first],
    ...texts.slice(1).map((text) => ['', '', text]),
  ];
}

function verdictCell({ layer, verdict, isClosed }: ExplainedLayer, paint: Paint): string {
  switch (verdict) {
    case 'passes':
      return layer === 'cache' ? paint.quiet('no copy') : paint.good('lets through');
    case 'refuses':
      return paint.bad('refuses');
    case 'login':
      return paint.warn('asks for a login');
    case 'unknown':
      return paint.warn('unknown');
    case 'not reached':
      return isClosed ? paint.bad('lets nobody past') : paint.quiet('not reached');
    case 'not met':
      return paint.quiet('not met');
  }
}

function textsOf(layer: ExplainedLayer, paint: Paint): readonly string[] {
  const objects = layer.objects.map((object) => objectText(object, paint));
  const unknown =
    layer.unknown.length === 0 ? [] : [`because gates does not know ${unknownTexts(layer.unknown)}`];
  return objects.length + unknown.length === 0 ? [emptyText(layer)] : [...objects, ...unknown];
}

function objectText({ text, rule, verdict, object, because }: ExplainedObject, paint: Paint): string {
  const decides = verdict === undefined ? '' : `${signs[verdict]} `;
  const where =
    object === undefined ? '' : paint.quiet(because === undefined ? '  (not in the file)' : `  (${because})`);
  return `${decides}${text}${rule === undefined ? '' : `: ${rule}`}${where}`;
}

/** The verdict of an object on the visitor. */
const signs = { allow: '✓', deny: '✗', login: '✗', unknown: '?' } as const;

/** A layer without an object that decides. */
function emptyText({ layer, verdict }: ExplainedLayer): string {
  if (verdict === 'not met') return notMet[layer] ?? 'the name leads around Cloudflare';
  return (verdict === 'refuses' ? refusing[layer] : nothing[layer]) ?? '';
}

const notMet: Readonly<Partial<Record<ExplainedLayer['layer'], string>>> = {
  Authentik: 'the origin does not ask it',
};

const nothing: Readonly<Record<ExplainedLayer['layer'], string>> = {
  name: 'a record leads here',
  'edge rules': 'no rule that gates knows is about this request',
  Access: 'no application covers this path',
  Worker: 'no Worker that gates could read is about this request',
  cache: 'Cloudflare keeps no copy of such an answer',
  'tunnel rule': 'no tunnel is on the way',
  origin: 'the file says nothing of this origin',
  Authentik: 'no provider answers for this host',
};

const refusing: Readonly<Partial<Record<ExplainedLayer['layer'], string>>> = {
  name: 'no record of the account leads anywhere',
  'edge rules': 'a rule refuses',
  Access: 'no application covers this path, and the account blocks such hosts',
  'tunnel rule': 'no rule of the tunnel leads to a service',
};

/** The visitors whom the door admits, and the verdict on this one as the last line. */
function verdictLines(document: WhyDocument, paint: Paint): readonly string[] {
  const { admits } = document;
  const separator = admits.some((text) => text.includes(', ')) ? '; ' : ', ';
  return [
    `Who gets through here: ${admits.join(separator)}.`,
    ...(asksForGroups(document) ? ['To say in which groups they are: --groups admins,family'] : []),
    verdictLine(document, paint),
  ];
}

function verdictLine(document: WhyDocument, paint: Paint): string {
  const { verdict, visitor, layers, unknown } = document;
  const who = visitor === 'anonymous' ? 'an anonymous visitor' : visitor;
  const stop =
    layers.find(({ isClosed }) => isClosed) ??
    layers.find((layer) => layer.verdict === 'refuses' || layer.verdict === 'login');
  const at = stop === undefined ? 'Cloudflare' : names[stop.layer];
  const to = document.to.map((each) => each.replace(` for ${document.host}`, '')).join(', ');
  switch (verdict) {
    case 'allow':
      return `${paint.good('allow')}: ${who} gets through to ${to}.`;
    case 'login':
      return `${paint.warn('login')}: ${at} asks ${who} for a login.`;
    case 'deny':
      return `${paint.bad('deny')}: ${at} ${stop?.isClosed === true ? 'lets nobody past' : `refuses ${who}`}.`;
    case 'unknown':
      return `${paint.warn('unknown')}: ${who} may get through to ${to}, because gates does not know ${unknownTexts(unknown)}.`;
  }
}

/** True if the groups of a person would decide. */
function asksForGroups({ unknown }: WhyDocument): boolean {
  return unknown.some(
    ({ reason, about }) =>
      reason === 'visitor' && (about.startsWith('is in ') || about.includes(groupsClaim)),
  );
}

const names: Readonly<Record<ExplainedLayer['layer'], string>> = {
  name: 'the name',
  'edge rules': 'a rule of the zone',
  Access: 'Access',
  Worker: 'a Worker',
  cache: 'the cache',
  'tunnel rule': 'the tunnel',
  origin: 'the origin',
  Authentik: 'Authentik',
};

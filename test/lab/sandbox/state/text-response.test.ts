import { expect, it } from 'vitest';
import { TextResponse } from '../../../../src/lab/sandbox/state/text-response.ts';

const init = { status: 201, headers: { 'content-type': 'application/json', 'x-own': 'a' } };
const text = '{"name":"é"}';
/** The responses that must not differ. */
const both = () => [new TextResponse(text, init), new Response(text, init)] as const;

/** The declarations of Node 20 lack `bytes`. */
type WithBytes = Response & { bytes(): Promise<Uint8Array> };

async function streamed({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) parts.push(part);
  return Buffer.concat(parts).toString();
}

const readings: readonly (readonly [string, (response: Response) => Promise<unknown>])[] = [
  ['text', (response) => response.text()],
  ['json', (response) => response.json()],
  ['arrayBuffer', async (response) => Buffer.from(await response.arrayBuffer()).toString()],
  ['bytes', async (response) => Buffer.from(await (response as WithBytes).bytes()).toString()],
  ['blob', async (response) => (await response.blob()).text()],
  ['clone', (response) => response.clone().text()],
  ['stream', streamed],
  ['formData', (response) => response.formData().catch((error: Error) => error.name)],
];

/** Every property that a client may ask for. */
const shown = (response: Response) => ({
  ...{ status: response.status, ok: response.ok, type: response.type, used: response.bodyUsed },
  ...{ headers: [...response.headers], isResponse: response instanceof Response },
});

it.each(readings)('a response with a text is read by %s as any other', async (_, read) => {
  const [made, ordinary] = both();
  expect(shown(made)).toEqual(shown(ordinary));
  expect(await read(made)).toEqual(await read(ordinary));
  expect(shown(made)).toEqual(shown(ordinary));
});

it.each(readings)('a response with a text is read once, and by %s not again', async (name, read) => {
  for (const [, first] of readings) {
    const [made, ordinary] = both();
    await Promise.all([first(made), first(ordinary)]);
    const outcomes = [made, ordinary].map(async (response) => {
      const outcome = await (async () => read(response))().then(String, (error: Error) => error.name);
      return { outcome, used: response.bodyUsed };
    });
    const [found, expected] = await Promise.all(outcomes);
    expect(found, name).toEqual(expected);
  }
});

import type { Secret, World } from '../world.ts';

/** A file that receives a secret, and under which variable name it receives each field of the secret. */
export interface Deliver {
  readonly file: string;
  /** Field of the secret → variable name, `{ clientSecret: 'CF_ACCESS_CLIENT_SECRET' }`. */
  readonly names: Readonly<Record<string, string>>;
}

/** The `NAME=value` lines of a sink; undefined while the secret lacks a field that the sink asks for. */
export function linesFor(sink: Deliver, secret: Secret): Secret | undefined {
  const lines: Record<string, string> = {};
  for (const [field, name] of Object.entries(sink.names)) {
    const value = secret[field];
    if (value === undefined) return undefined;
    lines[name] = value;
  }
  return lines;
}

/** Writes the secret to each sink that does not hold it already. */
export async function deliver(
  sinks: readonly Deliver[],
  secret: Secret,
  world: Pick<World, 'sinks'>,
): Promise<void> {
  for (const sink of sinks) {
    const lines = linesFor(sink, secret);
    if (lines === undefined || (await world.sinks.holds(sink.file, lines))) continue;
    await world.sinks.write(sink.file, lines);
  }
}

/** The sinks whose file holds the current secret. */
export async function delivered(
  sinks: readonly Deliver[],
  secret: Secret,
  world: Pick<World, 'sinks'>,
): Promise<readonly Deliver[]> {
  const holdingSinks: Deliver[] = [];
  for (const sink of sinks) {
    const lines = linesFor(sink, secret);
    if (lines !== undefined && (await world.sinks.holds(sink.file, lines))) holdingSinks.push(sink);
  }
  return holdingSinks;
}

/** The sinks to which a kept secret was last delivered; the vault keeps them together with it. */
export function readSinks(secret: Secret): readonly Deliver[] {
  return secret.sinks === undefined ? [] : (JSON.parse(secret.sinks) as readonly Deliver[]);
}

/** The secret as the vault keeps it once it has been delivered to these sinks and no others. */
export function withSinks(secret: Secret, sinks: readonly Deliver[]): Secret {
  return { ...secret, sinks: JSON.stringify(sinks) };
}

import type { Config } from '../../config/model/config.ts';
import { ConfigError } from '../../core/errors.ts';
import type { NamedVisitor } from '../../interlock/named-visitor.ts';
import { UsageError } from './usage-error.ts';

/** The place that `gates why` was asked about. */
export interface AskedPlace {
  /** Lower case, without a port. */
  readonly host: string;
  /** As sent, without a query; undefined: every path of the host. */
  readonly path: string | undefined;
}

/**
 * The place of `https://app.example.dev/a`, `app.example.dev/a`, or only a host. The path is not normalized, since
 * layers may read escapes and dots differently.
 * @throws UsageError for anything else.
 */
export function askedPlace(text: string): AskedPlace {
  const [, host, path] =
    /^(?:https?:\/\/)?([a-z0-9_*.-]+\.[a-z0-9-]+)(?::443)?(\/[^?#]*)?(?:[?#].*)?$/i.exec(text) ?? [];
  if (host === undefined)
    throw new UsageError(`"${text}" is no address of a host`, {
      hint: 'Write https://grafana.example.dev/ for one path, or grafana.example.dev for every path',
    });
  return { host: host.toLowerCase(), path };
}

export interface VisitorOptions {
  readonly as?: string;
  readonly groups?: string;
  readonly token?: string;
  readonly anonymous?: boolean;
}

/** The visitor of the options, and its name for people. */
export interface AskedVisitor {
  readonly named: NamedVisitor;
  readonly text: string;
}

/**
 * @throws UsageError for options that exclude each other, or an invalid address.
 * @throws ConfigError for a token that the file does not have.
 */
export function askedVisitor(
  { as: email, groups, token, anonymous = false }: VisitorOptions,
  config: Config,
): AskedVisitor {
  const given = [anonymous, token !== undefined, email !== undefined || groups !== undefined];
  if (given.filter(Boolean).length > 1)
    throw new UsageError('One visitor at a time', {
      hint: 'Use --anonymous, --token, or --as and --groups',
    });
  if (token !== undefined) return askedToken(token, config);
  if (email === undefined && groups === undefined) return { named: 'anonymous', text: 'anonymous' };
  if (email !== undefined && !/^[^@\s]+@[^@\s]+$/.test(email))
    throw new UsageError(`"${email}" is no email address`, { hint: 'Write --as me@example.dev' });
  const names = groups?.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  const words = names === undefined ? [] : [groupWords(names)];
  return {
    named: { ...(email !== undefined && { email }), ...(names !== undefined && { groups: names }) },
    text: [...(email === undefined ? [] : [email]), ...words].join(', '),
  };
}

function groupWords(names: readonly string[]): string {
  if (names.length === 0) return 'somebody in no group';
  return `somebody in ${names.length === 1 ? 'group' : 'groups'} ${names.join(', ')}`;
}

/** A service token, or a token of a client; `clients.api` means the client if both have the name. */
function askedToken(name: string, { serviceTokens, clients }: Config): AskedVisitor {
  const [, section, bare = name] = /^(clients|serviceTokens)\.(.+)$/.exec(name) ?? [];
  if (section !== 'clients' && serviceTokens.has(bare))
    return { named: { token: bare }, text: `service token ${bare}` };
  if (section !== 'serviceTokens' && clients.has(bare))
    return { named: { client: bare }, text: `a token of client ${bare}` };
  const names = [...serviceTokens.keys(), ...[...clients.keys()].map((client) => `clients.${client}`)];
  throw new ConfigError(`The file has no service token and no client "${name}"`, {
    hint: names.length === 0 ? 'It has none' : `It has: ${names.join(', ')}`,
  });
}

/** The state that a question is about. */
export type AskedState = 'live' | 'file' | { readonly step: number };

/** @throws UsageError for anything but `live`, `file` and `plan:STEP`. */
export function askedState(text: string): AskedState {
  if (text === 'live' || text === 'file') return text;
  const [, step] = /^plan:(\d+)$/.exec(text) ?? [];
  if (step === undefined)
    throw new UsageError(`--from ${text} is no state`, {
      hint: 'It is live, file, or plan:STEP with a number of `gates plan --verbose`',
    });
  return { step: Number(step) };
}

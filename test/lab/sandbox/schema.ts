import { isDeepStrictEqual } from 'node:util';
import type { ErrorObject } from 'ajv';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { TextResponse } from '../../../src/lab/sandbox/state/text-response.ts';
import {
  list,
  type OfficialDocument,
  type Operation,
  object,
  officialDocument,
  operationFor,
  type Schema,
} from './schema-document.ts';
import { KNOWN_ERRORS, type KnownError, type Message } from './schema-known-errors.ts';
import { type Compiler, compilerFor } from './schema-validator.ts';

/** The result of a contract: figures to print, and every message that breaks the document. */
export interface ContractReport {
  requests: number;
  replies: number;
  /** The number of uses of each known error, by its id. */
  exceptions: Map<string, number>;
  mistakes: string[];
  operations: Set<string>;
}

export interface Contract {
  report: ContractReport;
  /** Wraps a handler with a check of each exchange. */
  around(handle: (request: Request) => Promise<Response>): (request: Request) => Promise<Response>;
}

/** The owner of a document, and the way to recognize calls of its API. */
export interface ContractSubject {
  document: OfficialDocument;
  /** The prefix of the document's paths. */
  base: string;
  knownErrors: readonly KnownError[];
  /** True if a reply says that the path or method does not exist. */
  isUnrouted(exchange: Exchange): boolean;
  /** The reason why a status of this operation needs no entry in the document; null if it needs one. */
  unannounced?(exchange: Exchange): string | null;
}

/** Paths of the real API that the available document lacks (facts/edge; docs/sandbox.md). */
export const BESIDE_THE_DOCUMENT =
  /^\/(zones|accounts)\/[^/]+\/(bot_management|firewall\/access_rules|settings|ssl|purge_cache|workers|snippets|pagerules|access\/certificates|devices)(\/|$)/;

/** The contract with Cloudflare's own document; null if the document is not available. */
export function officialContract(document: OfficialDocument | null = officialDocument()): Contract | null {
  if (document === null) return null;
  return contractWith({
    document,
    base: '/client/v4',
    knownErrors: KNOWN_ERRORS,
    isUnrouted: ({ url, status, received }) =>
      BESIDE_THE_DOCUMENT.test(url.pathname.slice('/client/v4'.length)) ||
      status === 405 ||
      (status === 404 && received.includes('7003')),
  });
}

/** A contract before its first exchange. */
export function contractWith(subject: ContractSubject): Contract {
  const report: ContractReport = {
    requests: 0,
    replies: 0,
    exceptions: new Map(),
    mistakes: [],
    operations: new Set(),
  };
  const check = checkerFor(subject, report);
  return {
    report,
    around: (handle) => async (request) => {
      const url = new URL(request.url);
      if (!url.pathname.startsWith(`${subject.base}/`)) return handle(request);
      const sent = request.body === null ? '' : await request.clone().text();
      const response = await handle(request);
      const { status, statusText, headers } = response;
      // Reading a body and making a reply of the text costs half as much as cloning the reply.
      const received = await response.text();
      check({ method: request.method, url, sent, status, received });
      const init = { status, statusText, headers };
      return received === '' ? new Response(null, init) : new TextResponse(received, init);
    },
  };
}

/**
 * The same sandbox, with every call of its Cloudflare API checked against the official document, and the report. If the
 * document is not available, the sandbox is unchanged and the report is null. Calls whose reply is lost are not
 * checked.
 */
export function checked(sandbox: Sandbox): { sandbox: Sandbox; report: ContractReport | null } {
  const contract = officialContract();
  if (contract === null) return { sandbox, report: null };
  const cloudflare = contract.around((request) => sandbox.cloudflare(request));
  const { origin } = new URL(sandbox.urls.cloudflare);
  const fetch: Sandbox['fetch'] = (input, init) => {
    const request = new Request(input, init);
    return new URL(request.url).origin === origin ? cloudflare(request) : sandbox.fetch(request);
  };
  return { sandbox: { ...sandbox, cloudflare, fetch }, report: contract.report };
}

/** The lines of a report, with the reason of each exception that was used. */
export function printedReport(
  report: ContractReport,
  knownErrors: readonly Pick<KnownError, 'id' | 'reason'>[] = KNOWN_ERRORS,
): string {
  const used = [...report.exceptions].map(([id, times]) => {
    const reason = knownErrors.find((known) => known.id === id)?.reason ?? '';
    return `  ${String(times).padStart(5)} × ${id}: ${reason}`;
  });
  return [
    `requests checked: ${report.requests}, replies checked: ${report.replies}, operations: ${report.operations.size}`,
    `known errors of the document allowed for: ${used.length}`,
    ...used,
    '',
  ].join('\n');
}

/** Most replies of which a contract remembers that they have no mistake. */
const mostRemembered = 4000;

export interface Exchange {
  method: string;
  url: URL;
  sent: string;
  status: number;
  received: string;
}

function checkerFor(subject: ContractSubject, report: ContractReport): (exchange: Exchange) => void {
  const { document, base, knownErrors } = subject;
  const compilers = new Map<string, Compiler>();
  const compilerWith = (allowed: readonly KnownError[]): Compiler => {
    const repairing = allowed.filter((known) => known.repair !== undefined);
    const key = repairing.map((known) => known.id).join('\n');
    const made =
      compilers.get(key) ??
      compilerFor(
        document,
        repairing.flatMap((known) => known.repair ?? []),
      );
    compilers.set(key, made);
    return made;
  };
  const errorsWith = (schema: Schema, message: Message, allowed: readonly KnownError[]): ErrorObject[] => {
    const body = allowed.reduce((at, known) => known.mend?.({ ...message, body: at }) ?? at, message.body);
    const validate = compilerWith(allowed).compile(schema);
    return validate(body) ? [] : [...(validate.errors ?? [])];
  };
  const sufficed = new Map<string, KnownError[][]>();
  const countUses = (needed: readonly KnownError[]): void => {
    for (const { id } of needed) report.exceptions.set(id, (report.exceptions.get(id) ?? 0) + 1);
  };

  /** The exceptions that faultless replies needed, by operation, status and text: most replies repeat an earlier one. */
  const faultless = new Map<string, readonly KnownError[]>();
  const judgeReply = (name: string, schema: Schema, reply: unknown, { status, received }: Exchange): void => {
    const key = `${name} ${status}\n${received}`;
    const needed = faultless.get(key) ?? judge(name, schema, { side: 'reply', body: reply, reply });
    if (needed === undefined) return;
    countUses(needed);
    if (faultless.size >= mostRemembered) faultless.clear();
    faultless.set(key, needed);
  };

  /**
   * Judges a message without exceptions, then with those that sufficed here before, then with the fewest possible.
   * Returns those that it needs; undefined for a mistake, which it reports.
   */
  const judge = (name: string, schema: Schema, message: Message): readonly KnownError[] | undefined => {
    if (errorsWith(schema, message, []).length === 0) return [];
    const applicable = knownErrors.filter(
      (known) => known.side === message.side && known.operations.test(name),
    );
    const before = sufficed.get(`${message.side} ${name}`) ?? [];
    let needed = before.find((allowed) => errorsWith(schema, message, allowed).length === 0);
    if (needed === undefined) {
      const errors = errorsWith(schema, message, applicable);
      if (errors.length > 0) {
        report.mistakes.push(
          `${message.side} of ${name}: ${described(errors)}\n${JSON.stringify(message.body)}`,
        );
        return undefined;
      }
      needed = fewest(applicable, (allowed) => errorsWith(schema, message, allowed).length === 0);
      sufficed.set(`${message.side} ${name}`, [...before, needed]);
    }
    return needed;
  };

  return (exchange) => {
    const path = exchange.url.pathname.slice(base.length);
    const operation = operationFor(document, exchange.method, path);
    if (operation === null) {
      if (!subject.isUnrouted(exchange))
        report.mistakes.push(`${exchange.method} ${path}: answered, but not in the document`);
      return;
    }
    // The document describes no outages.
    if (exchange.status >= 500) return;
    const name = `${operation.method} ${operation.pattern}`;
    report.operations.add(name);
    const reply = jsonOf(exchange.received);
    const schema = replySchema(operation, exchange.status);
    const excuse = schema === null ? (subject.unannounced?.(exchange) ?? null) : null;
    report.replies += 1;
    if (excuse !== null) report.exceptions.set(excuse, (report.exceptions.get(excuse) ?? 0) + 1);
    else if (schema === null) {
      if (!isAnnouncedEmpty(operation, exchange)) {
        report.mistakes.push(`reply of ${name}: status ${exchange.status} is not in the document`);
      }
    } else judgeReply(name, schema, reply, exchange);
    if (exchange.status < 400) checkRequest(operation, name, exchange, reply);
  };

  function checkRequest(operation: Operation, name: string, exchange: Exchange, reply: unknown): void {
    report.requests += 1;
    for (const mistake of queryMistakes(operation, exchange.url.searchParams, compilerWith([]))) {
      report.mistakes.push(`request of ${name}: ${mistake}`);
    }
    if (exchange.sent === '') {
      if (operation.bodyRequired) report.mistakes.push(`request of ${name}: accepted without a body`);
      return;
    }
    if (operation.requestBody === null) report.mistakes.push(`request of ${name}: accepted with a body`);
    else
      countUses(
        judge(name, operation.requestBody, { side: 'request', body: jsonOf(exchange.sent), reply }) ?? [],
      );
  }
}

function replySchema(operation: Operation, status: number): Schema | null {
  const { replies } = operation;
  return (
    replies.get(String(status)) ?? replies.get(`${String(status)[0]}XX`) ?? replies.get('default') ?? null
  );
}

/** True for an empty reply with a status that the document announces without a body. */
function isAnnouncedEmpty(operation: Operation, { status, received }: Exchange): boolean {
  return operation.empty.has(String(status)) && received === '';
}

function queryMistakes(operation: Operation, query: URLSearchParams, compiler: Compiler): string[] {
  const declared = operation.parameters.filter((parameter) => parameter.in === 'query');
  return [...query].flatMap(([name, text]) => {
    const parameter = declared.find((candidate) => candidate.name === name);
    if (parameter === undefined) return [`query parameter ${name} is not in the document`];
    const validate = compiler.compile(object(parameter.schema));
    const readings: unknown[] = [
      text,
      Number(text),
      text === 'true' ? true : text === 'false' ? false : text,
      text.split(','),
      text.split(',').map(Number),
    ];
    return readings.some((value) => validate(value)) ? [] : [`query parameter ${name}=${text} is not valid`];
  });
}

/** Removes each unnecessary exception. */
function fewest(
  all: readonly KnownError[],
  suffices: (allowed: readonly KnownError[]) => boolean,
): KnownError[] {
  let needed = [...all];
  for (const candidate of all) {
    const rest = needed.filter((known) => known !== candidate);
    if (suffices(rest)) needed = rest;
  }
  return needed;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function described(errors: readonly ErrorObject[]): string {
  const told = errors.map((error) => {
    const extra =
      object(error.params).unevaluatedProperty ?? list(object(error.params).allowedValues).join('|');
    return `${error.instancePath || '/'} ${error.message}${extra === '' ? '' : ` (${String(extra)})`}`;
  });
  return [...new Set(told)]
    .filter((text, at, all) => all.findIndex((other) => isDeepStrictEqual(other, text)) === at)
    .slice(0, 8)
    .join('; ');
}

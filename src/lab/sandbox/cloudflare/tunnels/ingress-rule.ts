import { goExpression } from '../../expressions/go-expression.ts';
import {
  type FieldTable,
  fieldMistake,
  flag,
  integer,
  isStringArray,
  object,
  orNull,
  text,
  texts,
} from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import type { IngressRule, JsonObject, OriginRequest } from '../../state/world.ts';
import { CloudflareApiError } from '../api/reply.ts';

const RULE_FIELDS: FieldTable = {
  hostname: text,
  path: text,
  service: text,
  originRequest: orNull(object),
};

const ORIGIN_FIELDS: FieldTable = {
  access: object,
  caPool: text,
  connectTimeout: integer,
  disableChunkedEncoding: flag,
  http2Origin: flag,
  httpHostHeader: text,
  keepAliveConnections: integer,
  keepAliveTimeout: integer,
  matchSNItoHost: flag,
  noHappyEyeballs: flag,
  noTLSVerify: flag,
  originServerName: text,
  proxyType: text,
  tcpKeepAlive: integer,
  tlsTimeout: integer,
};

const ACCESS_FIELDS: FieldTable = { required: flag, teamName: text, audTag: texts };

const NAMED_SERVICES = ['hello_world', 'hello-world', 'bastion', 'socks-proxy'];

/** The API's answer to a configuration that cloudflared would refuse: code 1056 (facts §5). */
export function badConfiguration(why: string): CloudflareApiError {
  return new CloudflareApiError(400, {
    code: 1056,
    message: `Bad Configuration: Validation failed: ${why}\n`,
  });
}

/** The ingress rules of a configuration as written, checked like in cloudflared's `validateIngress`. */
export function ingressRules(value: unknown): IngressRule[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw badConfiguration("The config file doesn't contain any ingress rules");
  }
  return value.map((rule, at) => ingressRule(rule, at, value.length));
}

function ingressRule(rule: unknown, at: number, count: number): IngressRule {
  const mistake = isObject(rule) ? fieldMistake(rule, RULE_FIELDS) : 'must be an object';
  if (!isObject(rule) || mistake !== null) throw badConfiguration(`Rule #${at + 1}: ${mistake}`);
  const hostname = typeof rule.hostname === 'string' ? rule.hostname : undefined;
  const path = typeof rule.path === 'string' && rule.path !== '' ? rule.path : undefined;
  refuseHostname(hostname ?? '');
  refusePlace(hostname ?? '', path, at, count);
  if (path !== undefined && goExpression(path) === null) {
    throw badConfiguration(`Rule #${at + 1} has an invalid regex: error parsing regexp: \`${path}\``);
  }
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(path === undefined ? {} : { path }),
    service: soundService(rule.service),
    ...originRequestOf(rule.originRequest),
  };
}

function refuseHostname(hostname: string): void {
  if (hostname === '*') return;
  if (hostname.includes(':')) throw badConfiguration('Hostname cannot contain a port');
  if (hostname.lastIndexOf('*') > 0 || (hostname.startsWith('*') && !hostname.startsWith('*.'))) {
    throw badConfiguration(
      'Hostname patterns can have at most one wildcard character ("*") and it can only be used for subdomains, e.g. "*.example.com"',
    );
  }
}

/** Refuses a misplaced rule: the last rule must match everything, and only the last may. */
function refusePlace(hostname: string, path: string | undefined, at: number, count: number): void {
  const catchesAll = (hostname === '' || hostname === '*') && path === undefined;
  const isLast = at === count - 1;
  if (isLast && !catchesAll) {
    throw badConfiguration(
      'The last ingress rule must match all URLs (i.e. it should not have a hostname or path filter)',
    );
  }
  if (!isLast && catchesAll) {
    throw badConfiguration(
      `Rule #${at + 1} is matching the hostname '${hostname}', but this will match every hostname, meaning the rules which follow it will never be triggered.`,
    );
  }
}

/** A service as sent: a name that cloudflared knows, a status, a socket, or scheme and host without a path. */
function soundService(service: unknown): string {
  if (typeof service !== 'string' || service === '') throw badConfiguration('Rule has no service');
  if (NAMED_SERVICES.includes(service) || /^unix(\+tls)?:.+/.test(service)) return service;
  if (service.startsWith('http_status:')) {
    const status = Number(service.slice('http_status:'.length));
    if (Number.isInteger(status) && status >= 100 && status <= 999) return service;
    throw badConfiguration(`${service} is an invalid HTTP status code`);
  }
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)(.*)$/i.exec(service);
  if (parts === null) {
    throw badConfiguration(
      `${service} is an invalid address, please make sure it has a scheme and a hostname`,
    );
  }
  if (parts[3] !== '') {
    throw badConfiguration(
      `${service} is an invalid address, ingress rules don't support proxying to a different path on the origin service. The path will be the same as the eyeball request's path`,
    );
  }
  return service;
}

/** `{ originRequest }` as written, if it is there. */
export function originRequestOf(value: unknown): { originRequest?: OriginRequest } {
  if (value === undefined || value === null) return {};
  const mistake = isObject(value) ? fieldMistake(value, ORIGIN_FIELDS) : 'must be an object';
  if (!isObject(value) || mistake !== null) throw badConfiguration(`originRequest: ${mistake}`);
  if (value.access !== undefined) refuseAccess(value.access as JsonObject);
  return { originRequest: value as OriginRequest };
}

/** The known keys of an `originRequest`, without refusing others, in the form of `originRequestOf`. */
export function knownOriginRequest(value: unknown): { originRequest?: OriginRequest } {
  if (!isObject(value)) return {};
  const known = membersIn(ORIGIN_FIELDS, value);
  if (isObject(known.access)) known.access = membersIn(ACCESS_FIELDS, known.access);
  return { originRequest: known as OriginRequest };
}

function membersIn(table: FieldTable, value: JsonObject): JsonObject {
  const members = Object.entries(value);
  return Object.fromEntries(members.filter(([name, member]) => table[name]?.holds(member) === true));
}

function refuseAccess(access: JsonObject): void {
  const mistake = fieldMistake(access, ACCESS_FIELDS);
  if (mistake !== null) throw badConfiguration(`access: ${mistake}`);
  const audTag = isStringArray(access.audTag) ? access.audTag : null;
  if (audTag === null || typeof access.teamName !== 'string') {
    throw badConfiguration('access needs audTag and teamName');
  }
  if (access.teamName === '' && audTag.length > 0) {
    throw badConfiguration('access.TeamName cannot be blank when access.audTags are present');
  }
}

import { lookup, Resolver } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import manifest from '../../package.json' with { type: 'json' };
import { UnreachableError } from '../core/errors.ts';
import type { Edge, EdgeAnswer, EdgeRequest, OriginAddress } from '../core/world.ts';

/** Milliseconds for one request. */
const usualPatience = 10_000;
/** The most bytes of a body: enough to distinguish one error page from another. */
const usualBody = 8_192;

/** Cloudflare refuses some clients by their name. This one identifies gates and its version. */
const userAgent = `gates/${manifest.version} (+checks who guards a host of its owner)`;

/** The target of a request, if it is not the one to which the host's name leads. */
interface Place {
  readonly secure: boolean;
  readonly address: string;
  readonly port: number;
  /** The name that its certificate must have; undefined: that of the host. */
  readonly serverName?: string;
  /** False: any certificate is accepted. */
  readonly verify?: boolean;
  /** The message and hint if nobody answers there. */
  readonly silence?: { readonly message: string; readonly hint: string };
}

/**
 * The edge as everybody sees it. The zone's own name servers resolve the name, so that no cache answers from before the
 * last change. With `through` (`GATES_PROBE_EDGE`, `http(s)://host:port`), every request goes there, and only its Host
 * names the service: for split DNS, and for the sandbox.
 */
export function createEdge(through?: string, { patience = usualPatience, mostBody = usualBody } = {}): Edge {
  return {
    async get(request, signal) {
      const place = through === undefined ? await resolve(request) : placeOf(new URL(through));
      return send(request, place, { signal, patience, mostBody });
    },
  };
}

/**
 * The origin itself, asked from inside the network as cloudflared does, past Cloudflare. If it is asked for another
 * Host, a header also names the public one (facts/edge, the tunnel).
 */
export function createOrigin({ url, hostHeader, serverName, verify }: OriginAddress): Edge {
  const place = placeOf(new URL(url));
  const silence = {
    message: 'The origin does not answer',
    hint: 'Ask from a machine that reaches it as cloudflared does',
  };
  const named = { ...place, serverName: serverName ?? place.address, verify, silence };
  return {
    get: ({ host: asked, headers, ...request }, signal) => {
      const host = hostHeader ?? asked;
      const forwarded = {
        'x-forwarded-proto': 'https',
        ...(host !== asked && { 'x-forwarded-host': asked }),
      };
      const options = { signal, patience: usualPatience, mostBody: usualBody };
      return send({ ...request, host, headers: { ...forwarded, ...headers } }, named, options);
    },
  };
}

function placeOf({ protocol, hostname, port }: URL): Place {
  const secure = protocol === 'https:';
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return { secure, address, port: port === '' ? (secure ? 443 : 80) : Number(port) };
}

async function resolve({ host, nameServers }: EdgeRequest): Promise<Place> {
  try {
    const address = await addressOf(host, await addressesOf(nameServers));
    return { secure: true, address, port: 443 };
  } catch (cause) {
    throw new UnreachableError('The name of the host does not resolve', {
      facts: { detail: host },
      hint: 'A new record takes some seconds; where DNS of the outside cannot be asked from here, set GATES_PROBE_EDGE',
      cause,
    });
  }
}

async function addressesOf(nameServers: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.allSettled(nameServers.map((name) => lookup(name, { all: true })));
  return found.flatMap((result) =>
    result.status === 'fulfilled' ? result.value.map(({ address }) => address) : [],
  );
}

async function addressOf(host: string, servers: readonly string[]): Promise<string> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers.map((ip) => (isIP(ip) === 6 ? `[${ip}]` : ip)));
  const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const [address] = [four, six].flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  if (address !== undefined) return address;
  throw four.status === 'rejected' ? four.reason : new Error('no address');
}

interface Sending {
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly patience: number;
  /** Bytes. */
  readonly mostBody: number;
}

function send(
  { host, path, method = 'GET', headers }: EdgeRequest,
  { secure, address, port, serverName = host, verify = true, silence }: Place,
  { signal, patience, mostBody }: Sending,
): Promise<EdgeAnswer> {
  const module = secure ? https : http;
  const late = AbortSignal.timeout(patience);
  return new Promise((fulfil, reject) => {
    const unreachable = (cause: unknown) => {
      const text = cause instanceof Error ? cause.message : String(cause);
      if (silence === undefined && isTlsAlert(cause)) return reject(withoutCertificate(host, text, cause));
      const why = late.aborted ? `no answer in ${patience / 1_000} s` : text;
      const facts = { detail: `${host}: ${why}`, applied: 'no' as const };
      reject(
        signal.aborted
          ? signal.reason
          : new UnreachableError(silence?.message ?? 'The edge does not answer', {
              facts,
              cause,
              ...(silence !== undefined && { hint: silence.hint }),
            }),
      );
    };
    const request = module.request({
      host: address,
      port,
      path,
      method,
      headers: {
        'user-agent': userAgent,
        accept: '*/*',
        ...(method === 'POST' && { 'content-length': '0' }),
        ...headers,
        host,
      },
      signal: AbortSignal.any([signal, late]),
      agent: false,
      // TLS has no names that are addresses.
      ...(secure && { servername: isIP(serverName) === 0 ? serverName : '', rejectUnauthorized: verify }),
    });
    request.on('error', unreachable);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = () =>
        fulfil({
          status: response.statusCode ?? 0,
          headers: plainHeaders(response.headers),
          body: Buffer.concat(chunks).subarray(0, mostBody).toString('utf8'),
        });
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size < mostBody) return;
        finish();
        response.destroy();
      });
      response.on('end', finish);
      response.on('error', unreachable);
    });
    request.end();
  });
}

/** The other side ended the handshake: it has no certificate for the name. */
function isTlsAlert(cause: unknown): boolean {
  const { code = '', message = '' } = cause as { readonly code?: string; readonly message?: string };
  return /ALERT|UNRECOGNIZED_NAME/.test(code) || / alert /i.test(message);
}

function withoutCertificate(host: string, text: string, cause: unknown): UnreachableError {
  return new UnreachableError('The edge refuses TLS for this host: it has no certificate for the name', {
    facts: { detail: `${host}: ${text}`, applied: 'no' },
    hint: 'A new zone has to wait for its Universal SSL certificate, up to a day (SSL/TLS → Edge Certificates: it must be active); a host more than one label below the zone needs one of its own (Advanced Certificate Manager)',
    cause,
  });
}

function plainHeaders(headers: http.IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

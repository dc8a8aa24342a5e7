import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { createSandbox, type Sandbox, type Verifier } from '../../../src/lab/sandbox/index.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { daemonAsked } from '../stage/daemon-asked.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess } from '../stage/stage.ts';
import type { Trouble } from '../stage/trouble.ts';

export const host = 'api.example.dev';
const keysUrl = 'https://keys.example.net/jwks';
const operations = ['GET /v1/items', 'GET /v1/items/{id}', 'POST /v1/items'];
export const gate = `{ jwt: { at: origin, keys: { url: "${keysUrl}" }, audience: api, operations: [${operations.map((item) => `"${item}"`).join(', ')}] } }`;

const file = (of: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins: { traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true } }
services:
  beside: { host: beside.example.dev, origin: traefik, gate: { public: { reason: open } } }
  ${of === '' ? '' : `api: { host: ${host}, origin: traefik, gate: ${of} }`}
`;

const pair = await generateKeyPair('ES256', { extractable: true });

const token = (changes: JWTPayload = {}) =>
  new SignJWT({ sub: 'ci', aud: 'api', exp: Math.floor(Date.now() / 1000) + 3600, ...changes })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .sign(pair.privateKey);

/** The daemon's own `/verify`, for the file that a test has applied. */
function daemon(inForce: () => string, { vault }: Disk): Verifier {
  const key = async () => ({ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' });
  return daemonAsked({ inForce, vault }, async () => ({ keys: [await key()] }));
}

/** A house with one such host, whose Traefik asks the daemon's own `/verify`, in this process. */
export class Home {
  readonly sandbox: Sandbox;
  readonly #disk: Disk;
  readonly #inForce: { text: string };

  private constructor(sandbox: Sandbox, disk: Disk, inForce: { text: string }) {
    this.sandbox = sandbox;
    this.#disk = disk;
    this.#inForce = inForce;
  }

  static async open(): Promise<Home> {
    const inForce = { text: file(gate) };
    const disk = newDisk();
    const verifier = daemon(() => inForce.text, disk);
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000, verifier });
    const home = new Home(sandbox, disk, inForce);
    await home.traefik({ [host]: `http://gates.lan:8420/verify?host=${host}` });
    return home;
  }

  traefik(verify: Record<string, string>, more: object = {}): Promise<unknown> {
    const url = 'http://traefik.lan:80';
    return askAdmin(this.sandbox, 'PUT', '/origins', { url, kind: 'traefik', verify, ...more });
  }

  guard(admit: object): Promise<unknown> {
    return askAdmin(this.sandbox, 'PUT', '/guards', { host, admit });
  }

  async pass(of = gate, trouble?: Trouble | 'watch') {
    this.#inForce.text = file(of);
    return (await runProcess(this.sandbox, this.#disk, file(of), trouble)).report;
  }

  async ask(path: string, headers: Record<string, string> = {}, method: 'GET' | 'POST' = 'GET') {
    const request = { host, path, method, headers, nameServers: [] };
    const { status, headers: told } = await sandboxEdge(this.sandbox).get(
      request,
      new AbortController().signal,
    );
    return { status, by: told['x-sandbox-served-by'] };
  }
}

/** The headers of a caller with a token. */
export const bearing = async (changes?: JWTPayload) => ({ authorization: `Bearer ${await token(changes)}` });
/** The guard for the oracle. */
export const bearer = { bearer: { audience: 'api', keys: keysUrl }, operations };

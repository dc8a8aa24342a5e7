import { expect } from 'vitest';
import { handleAuthentik } from '../../../../src/lab/sandbox/authentik/index.ts';
import { type FirstWorldOptions, firstWorld } from '../../../../src/lab/sandbox/first-world.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { held } from '../held-contracts.ts';
import type { Contract } from '../schema.ts';
import { authentikContract } from './contract.ts';

export interface ApiReply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: results are read as loosely as any client of JSON reads them
  body: any;
}

export interface Api {
  world: World;
  contract: Contract;
  /** Stock objects to which almost every body refers. */
  authorization_flow: string;
  invalidation_flow: string;
  call(method: string, path: string, body?: unknown, headers?: { [name: string]: string }): Promise<ApiReply>;
  /** Calls, expects success, and returns the body. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  done(method: string, path: string, body?: unknown): Promise<any>;
  /** Calls, expects this status, and returns the body. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  refused(status: number, method: string, path: string, body?: unknown): Promise<any>;
  /** The same API with another token. */
  as(key: string): Api;
  /** A token of an account with only these global permissions. */
  limited(...permissions: string[]): Promise<Api>;
  /** Makes a proxy provider of this name, for forward auth. */
  proxy(name: string, more?: object): Promise<{ pk: number; [member: string]: unknown }>;
  oauth2(name: string, more?: object): Promise<{ pk: number; [member: string]: unknown }>;
}

/**
 * One contract for each release, since compiling the document's schemas takes longer than most tests. All calls of a
 * test file must fit them.
 */
const contracts = new Map<string, Contract>();

/** A new world behind the API's handler, which checks every call against the official document. */
export function createApi(options: Partial<FirstWorldOptions> = {}): Api {
  const world = firstWorld({ zones: ['example.dev'], ...options });
  const version = options.authentikVersion ?? '2026.8';
  const contract = contracts.get(version) ?? held(authentikContract(version));
  contracts.set(version, contract);
  return apiOf(world, contract, world.authentik.tokens[0]?.key ?? '');
}

function apiOf(world: World, contract: Contract, key: string): Api {
  const handle = contract.around((request) => handleAuthentik(world, request));
  const call: Api['call'] = async (method, path, body, headers = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const all = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers };
    const init = text === undefined ? { method, headers: all } : { method, headers: all, body: text };
    const response = await handle(new Request(`http://authentik.test/api/v3${path}`, init));
    const received = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return {
      status: response.status,
      headers: response.headers,
      body: received === '' ? null : isJson ? JSON.parse(received) : received,
    };
  };
  const done: Api['done'] = async (method, path, body) => {
    const reply = await call(method, path, body);
    expect(reply.status, `${method} ${path} ${JSON.stringify(reply.body)}`).toBeLessThan(300);
    return reply.body;
  };
  const flow = (slug: string) => world.authentik.flows.find((row) => row.slug === slug)?.pk ?? '';
  const flows = {
    authorization_flow: flow('default-provider-authorization-implicit-consent'),
    invalidation_flow: flow('default-provider-invalidation-flow'),
  };
  return {
    world,
    contract,
    ...flows,
    call,
    done,
    async refused(status, method, path, body) {
      const reply = await call(method, path, body);
      expect(reply.status, `${method} ${path} ${JSON.stringify(reply.body)}`).toBe(status);
      return reply.body;
    },
    as: (other) => apiOf(world, contract, other),
    async limited(...permissions) {
      const name = `limited-${world.authentik.users.length}`;
      const person = await done('POST', '/core/users/', { username: name, name });
      const role = await done('POST', '/rbac/roles/', { name });
      await done('POST', `/rbac/roles/${role.pk}/add_user/`, { pk: person.pk });
      const assigned = `/rbac/permissions/assigned_by_roles/${role.pk}/assign/`;
      await done('POST', assigned, { permissions });
      await done('POST', '/core/tokens/', { identifier: name, user: person.pk, expiring: false });
      const { key: own } = await done('GET', `/core/tokens/${name}/view_key/`);
      return apiOf(world, contract, own);
    },
    proxy: (name, more = {}) =>
      done('POST', '/providers/proxy/', {
        name,
        ...flows,
        mode: 'forward_single',
        external_host: `https://${name}.example.dev`,
        ...more,
      }),
    oauth2: (name, more = {}) =>
      done('POST', '/providers/oauth2/', { name, ...flows, redirect_uris: [], ...more }),
  };
}
